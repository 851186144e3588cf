/* A disk in memory under SQLite. Each file has the bytes as programs see them and the bytes that a power cut can not take;
 * between them lies the list of writes since the last sync, in order. A cut applies any part of that list. */
#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"

#define SECTOR 512
#define NAME_MAX_BYTES 256
#define REGIONS_MAX 64
#define SHM_SLOTS 8
#define JULIAN_1970_MS INT64_C(210866760000000)

struct bytes {
    uint8_t *at;
    size_t len, room;
};

/* One write or truncation since the last sync; its bytes follow it in the list. */
struct pending {
    int64_t at;
    int64_t len; /* < 0: truncated to `at` */
};

struct shm_slot {
    int shared;
    bool exclusive;
};

struct file {
    struct file *next;
    char name[NAME_MAX_BYTES]; /* empty: a temporary file */
    struct bytes now, safe, log; /* log: struct pending and bytes, again and again */
    bool named_safely; /* its name survives a cut */
    int handles;
    /* locks of the file */
    int shared;
    const void *reserved, *pending, *exclusive;
    /* shared memory of the log's index */
    uint8_t *regions[REGIONS_MAX];
    int mappings;
    struct shm_slot slots[SHM_SLOTS];
};

struct store_disk {
    sqlite3_vfs vfs;
    char name[48];
    const struct bg_env *env;
    struct store_disk_faults faults;
    struct store_disk_stats stats;
    bool cut;
    struct file *files;
    pthread_mutex_t mutex;
};

struct handle {
    sqlite3_file base;
    struct store_disk *disk;
    struct file *file;
    int lock;
    bool mapped, temporary;
    unsigned shm_shared, shm_exclusive; /* slots this handle holds */
};

/* --- bytes --- */

static bool bytes_room(struct bytes *bytes, size_t len)
{
    if (len <= bytes->room) {
        return true;
    }
    size_t room = bytes->room == 0 ? 4096 : bytes->room;
    while (room < len) {
        room *= 2;
    }
    uint8_t *grown = bg_heap_resize(bytes->at, room);
    if (grown == NULL) {
        return false;
    }
    bytes->at = grown;
    bytes->room = room;
    return true;
}

static bool bytes_resize(struct bytes *bytes, size_t len)
{
    if (!bytes_room(bytes, len)) {
        return false;
    }
    if (len > bytes->len) {
        memset(bytes->at + bytes->len, 0, len - bytes->len);
    }
    bytes->len = len;
    return true;
}

static bool bytes_put(struct bytes *bytes, size_t at, const void *from, size_t len)
{
    if (at + len > bytes->len && !bytes_resize(bytes, at + len)) {
        return false;
    }
    if (len > 0) {
        memcpy(bytes->at + at, from, len);
    }
    return true;
}

static bool bytes_copy(struct bytes *to, const struct bytes *from)
{
    to->len = 0;
    return bytes_put(to, 0, from->at, from->len);
}

/* --- what waits for a sync --- */

static bool log_add(struct file *file, struct pending what, const void *data)
{
    size_t size = what.len > 0 ? (size_t)what.len : 0;
    return bytes_put(&file->log, file->log.len, &what, sizeof what) && bytes_put(&file->log, file->log.len, data, size);
}

/* How much of a pending list reaches the platter. */
enum luck { LUCK_ALL, LUCK_NONE, LUCK_PREFIX, LUCK_WRITES, LUCK_SECTORS, LUCK_COUNT };

struct fate {
    const struct bg_env *env;
    enum luck luck;
    int64_t left; /* LUCK_PREFIX: bytes that still make it */
};

static bool coin(const struct bg_env *env)
{
    return bg_random_below(env, 2) == 0;
}

/* Saves a part of one write: those sectors that are lucky. */
static void save_sectors(struct file *file, struct fate *fate, const struct pending *what, const uint8_t *data)
{
    for (int64_t from = 0; from < what->len;) {
        int64_t end = ((what->at + from) / SECTOR + 1) * SECTOR - what->at;
        end = end < what->len ? end : what->len;
        bool lucky = fate->luck == LUCK_ALL ||
                     (fate->luck == LUCK_PREFIX ? fate->left > 0 : fate->luck == LUCK_SECTORS && coin(fate->env));
        fate->left -= end - from;
        if (lucky) {
            (void)bytes_put(&file->safe, (size_t)(what->at + from), data + from, (size_t)(end - from));
        }
        from = end;
    }
}

static void save(struct file *file, struct fate fate)
{
    if (fate.luck == LUCK_PREFIX) {
        fate.left = (int64_t)bg_random_below(fate.env, file->log.len + 1);
    }
    for (size_t at = 0; at < file->log.len;) {
        struct pending what;
        memcpy(&what, file->log.at + at, sizeof what);
        at += sizeof what;
        struct fate own = fate;
        own.luck = fate.luck == LUCK_WRITES ? (coin(fate.env) ? LUCK_ALL : coin(fate.env) ? LUCK_NONE : LUCK_SECTORS) : fate.luck;
        if (what.len >= 0) {
            save_sectors(file, &own, &what, file->log.at + at);
            at += (size_t)what.len;
        } else if (own.luck == LUCK_ALL ||
                   (own.luck == LUCK_PREFIX ? own.left > 0 : own.luck == LUCK_SECTORS && coin(fate.env))) {
            (void)bytes_resize(&file->safe, (size_t)what.at);
        }
        fate.left = own.left;
    }
    file->log.len = 0;
}

/* --- faults --- */

static bool spend(int64_t *left)
{
    return *left > 0 && --*left == 0;
}

/* Before a change of any file: does the power go now? */
static bool cut_now(struct store_disk *disk)
{
    if (!disk->cut && spend(&disk->faults.cut_in)) {
        disk->cut = true;
        disk->stats.cuts++;
    }
    return disk->cut;
}

/* --- the methods of a file --- */

static struct handle *handle_of(sqlite3_file *file)
{
    return (struct handle *)(void *)file;
}

static void file_free(struct file *file)
{
    for (int i = 0; i < REGIONS_MAX; i++) {
        bg_heap_free(file->regions[i]);
    }
    bg_heap_free(file->now.at);
    bg_heap_free(file->safe.at);
    bg_heap_free(file->log.at);
    bg_heap_free(file);
}

static void file_drop(struct store_disk *disk, struct file *file)
{
    struct file **at = &disk->files;
    while (*at != file) {
        at = &(*at)->next;
    }
    *at = file->next;
    file_free(file);
}

static void drop_lock(struct handle *handle, int level)
{
    struct file *file = handle->file;
    if (level < SQLITE_LOCK_RESERVED) {
        file->reserved = file->reserved == handle ? NULL : file->reserved;
        file->pending = file->pending == handle ? NULL : file->pending;
        file->exclusive = file->exclusive == handle ? NULL : file->exclusive;
    }
    if (level == SQLITE_LOCK_NONE && handle->lock >= SQLITE_LOCK_SHARED) {
        file->shared--;
    }
    handle->lock = level < handle->lock ? level : handle->lock;
}

static void drop_mapping(struct handle *handle)
{
    struct file *file = handle->file;
    for (unsigned i = 0; i < SHM_SLOTS; i++) {
        file->slots[i].shared -= (handle->shm_shared >> i & 1) != 0;
        file->slots[i].exclusive &= (handle->shm_exclusive >> i & 1) == 0;
    }
    handle->shm_shared = handle->shm_exclusive = 0;
    if (handle->mapped && --file->mappings == 0) {
        for (int i = 0; i < REGIONS_MAX; i++) {
            bg_heap_free(file->regions[i]);
            file->regions[i] = NULL;
        }
    }
    handle->mapped = false;
}

static int disk_close(sqlite3_file *base)
{
    struct handle *handle = handle_of(base);
    struct store_disk *disk = handle->disk;
    pthread_mutex_lock(&disk->mutex);
    drop_mapping(handle);
    drop_lock(handle, SQLITE_LOCK_NONE);
    if (--handle->file->handles == 0 && handle->temporary) {
        file_drop(disk, handle->file);
    }
    pthread_mutex_unlock(&disk->mutex);
    return SQLITE_OK;
}

static int disk_read(sqlite3_file *base, void *out, int size, sqlite3_int64 from)
{
    struct handle *handle = handle_of(base);
    struct store_disk *disk = handle->disk;
    int rc = SQLITE_OK;
    pthread_mutex_lock(&disk->mutex);
    const struct bytes *now = &handle->file->now;
    size_t there = (size_t)from < now->len ? now->len - (size_t)from : 0, part = there < (size_t)size ? there : (size_t)size;
    if (disk->cut || spend(&disk->faults.read_fail_in)) {
        rc = SQLITE_IOERR_READ;
    } else {
        if (part > 0) {
            memcpy(out, now->at + from, part);
        }
        if (part < (size_t)size) {
            memset((char *)out + part, 0, (size_t)size - part);
            rc = SQLITE_IOERR_SHORT_READ;
        }
    }
    pthread_mutex_unlock(&disk->mutex);
    return rc;
}

static int write_locked(struct store_disk *disk, struct file *file, const void *data, int64_t size, int64_t at)
{
    int64_t growth = at + size - (int64_t)file->now.len;
    if (disk->cut) {
        return SQLITE_IOERR_WRITE;
    }
    if (growth > 0 && disk->faults.room_bytes >= 0) {
        if (growth > disk->faults.room_bytes) {
            return SQLITE_FULL;
        }
        disk->faults.room_bytes -= growth;
    }
    if (spend(&disk->faults.write_fail_in)) {
        return SQLITE_IOERR_WRITE;
    }
    disk->stats.writes++;
    disk->stats.bytes += size;
    bool kept = bytes_put(&file->now, (size_t)at, data, (size_t)size) && log_add(file, (struct pending){ at, size }, data);
    /* A write under way when the power goes may have reached the platter in part. */
    return !kept ? SQLITE_IOERR_NOMEM : cut_now(disk) ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int disk_write(sqlite3_file *base, const void *data, int size, sqlite3_int64 at)
{
    struct handle *handle = handle_of(base);
    pthread_mutex_lock(&handle->disk->mutex);
    int rc = write_locked(handle->disk, handle->file, data, size, at);
    pthread_mutex_unlock(&handle->disk->mutex);
    return rc;
}

static int disk_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct handle *handle = handle_of(base);
    struct file *file = handle->file;
    int rc = SQLITE_OK;
    pthread_mutex_lock(&handle->disk->mutex);
    if (cut_now(handle->disk)) {
        rc = SQLITE_IOERR_TRUNCATE;
    } else if (!bytes_resize(&file->now, (size_t)size) || !log_add(file, (struct pending){ size, -1 }, "")) {
        rc = SQLITE_IOERR_NOMEM;
    }
    pthread_mutex_unlock(&handle->disk->mutex);
    return rc;
}

static int disk_sync(sqlite3_file *base, int flags)
{
    (void)flags;
    struct handle *handle = handle_of(base);
    struct store_disk *disk = handle->disk;
    int rc = SQLITE_OK;
    pthread_mutex_lock(&disk->mutex);
    disk->stats.syncs++;
    if (cut_now(disk)) {
        rc = SQLITE_IOERR_FSYNC;
    } else if (spend(&disk->faults.sync_fail_in)) {
        save(handle->file, (struct fate){ disk->env, coin(disk->env) ? LUCK_NONE : LUCK_SECTORS, 0 });
        rc = SQLITE_IOERR_FSYNC;
    } else if (!disk->faults.no_sync) {
        save(handle->file, (struct fate){ disk->env, LUCK_ALL, 0 });
        handle->file->named_safely = true;
    }
    pthread_mutex_unlock(&disk->mutex);
    return rc;
}

static int disk_size(sqlite3_file *base, sqlite3_int64 *ret)
{
    struct handle *handle = handle_of(base);
    pthread_mutex_lock(&handle->disk->mutex);
    *ret = (sqlite3_int64)handle->file->now.len;
    int rc = handle->disk->cut ? SQLITE_IOERR_FSTAT : SQLITE_OK;
    pthread_mutex_unlock(&handle->disk->mutex);
    return rc;
}

/* --- locks --- */

static int lock_locked(struct handle *handle, int level)
{
    struct file *file = handle->file;
    bool others_write =
        (file->pending != NULL && file->pending != handle) || (file->exclusive != NULL && file->exclusive != handle);
    if (level == SQLITE_LOCK_SHARED) {
        if (others_write) {
            return SQLITE_BUSY;
        }
        file->shared++;
    } else if (level == SQLITE_LOCK_RESERVED) {
        if (others_write || (file->reserved != NULL && file->reserved != handle)) {
            return SQLITE_BUSY;
        }
        file->reserved = handle;
    } else {
        if (others_write || (file->reserved != NULL && file->reserved != handle)) {
            return SQLITE_BUSY;
        }
        file->pending = handle;
        if (file->shared > 1) {
            handle->lock = SQLITE_LOCK_PENDING;
            return SQLITE_BUSY;
        }
        file->exclusive = handle;
    }
    handle->lock = level;
    return SQLITE_OK;
}

static int disk_lock(sqlite3_file *base, int level)
{
    struct handle *handle = handle_of(base);
    pthread_mutex_lock(&handle->disk->mutex);
    int rc = handle->lock >= level ? SQLITE_OK : lock_locked(handle, level);
    pthread_mutex_unlock(&handle->disk->mutex);
    return rc;
}

static int disk_unlock(sqlite3_file *base, int level)
{
    struct handle *handle = handle_of(base);
    pthread_mutex_lock(&handle->disk->mutex);
    drop_lock(handle, level);
    pthread_mutex_unlock(&handle->disk->mutex);
    return SQLITE_OK;
}

static int disk_check_lock(sqlite3_file *base, int *ret)
{
    struct handle *handle = handle_of(base);
    pthread_mutex_lock(&handle->disk->mutex);
    *ret = handle->file->reserved != NULL;
    pthread_mutex_unlock(&handle->disk->mutex);
    return SQLITE_OK;
}

static int disk_control(sqlite3_file *base, int op, void *arg)
{
    (void)base;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

/* As the machine's own layer says of an ordinary disk. */
static int disk_sector(sqlite3_file *base)
{
    (void)base;
    return 4096;
}

static int disk_device(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- shared memory --- */

static int disk_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **ret)
{
    struct handle *handle = handle_of(base);
    struct file *file = handle->file;
    int rc = SQLITE_OK;
    *ret = NULL;
    pthread_mutex_lock(&handle->disk->mutex);
    if (!handle->mapped) {
        handle->mapped = true;
        file->mappings++;
    }
    if (region >= REGIONS_MAX) {
        rc = SQLITE_IOERR_SHMMAP;
    } else if (file->regions[region] == NULL && extend) {
        file->regions[region] = bg_heap_get((size_t)size);
        rc = file->regions[region] == NULL ? SQLITE_IOERR_NOMEM : SQLITE_OK;
    }
    *ret = rc == SQLITE_OK ? file->regions[region] : NULL;
    pthread_mutex_unlock(&handle->disk->mutex);
    return rc;
}

static bool slot_free(const struct handle *handle, unsigned i, bool exclusive)
{
    const struct shm_slot *slot = &handle->file->slots[i];
    bool mine = (handle->shm_shared >> i & 1) != 0;
    return !slot->exclusive && (!exclusive || slot->shared == (mine ? 1 : 0));
}

static void slot_take(struct handle *handle, unsigned i, bool exclusive)
{
    struct shm_slot *slot = &handle->file->slots[i];
    if (exclusive) {
        slot->exclusive = true;
        handle->shm_exclusive |= 1u << i;
    } else if ((handle->shm_shared >> i & 1) == 0) {
        slot->shared++;
        handle->shm_shared |= 1u << i;
    }
}

static void slot_give(struct handle *handle, unsigned i, bool exclusive)
{
    struct shm_slot *slot = &handle->file->slots[i];
    if (exclusive && (handle->shm_exclusive >> i & 1) != 0) {
        slot->exclusive = false;
        handle->shm_exclusive &= ~(1u << i);
    } else if (!exclusive && (handle->shm_shared >> i & 1) != 0) {
        slot->shared--;
        handle->shm_shared &= ~(1u << i);
    }
}

static int disk_shm_lock(sqlite3_file *base, int first, int count, int flags)
{
    struct handle *handle = handle_of(base);
    bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0, take = (flags & SQLITE_SHM_LOCK) != 0;
    int rc = SQLITE_OK;
    pthread_mutex_lock(&handle->disk->mutex);
    for (int i = first; i < first + count && take; i++) {
        rc = slot_free(handle, (unsigned)i, exclusive) ? rc : SQLITE_BUSY;
    }
    for (int i = first; i < first + count && rc == SQLITE_OK; i++) {
        if (take) {
            slot_take(handle, (unsigned)i, exclusive);
        } else {
            slot_give(handle, (unsigned)i, exclusive);
        }
    }
    pthread_mutex_unlock(&handle->disk->mutex);
    return rc;
}

static void disk_shm_barrier(sqlite3_file *base)
{
    struct handle *handle = handle_of(base);
    pthread_mutex_lock(&handle->disk->mutex);
    pthread_mutex_unlock(&handle->disk->mutex);
}

static int disk_shm_unmap(sqlite3_file *base, int remove)
{
    (void)remove;
    struct handle *handle = handle_of(base);
    pthread_mutex_lock(&handle->disk->mutex);
    drop_mapping(handle);
    pthread_mutex_unlock(&handle->disk->mutex);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_check_lock,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_device,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

/* --- the file system --- */

static struct store_disk *disk_of(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

static struct file *file_find(const struct store_disk *disk, const char *name)
{
    struct file *file = disk->files;
    while (file != NULL && strcmp(file->name, name) != 0) {
        file = file->next;
    }
    return file;
}

static struct file *file_make(struct store_disk *disk, const char *name)
{
    struct file *file = bg_heap_get(sizeof *file);
    if (file != NULL) {
        (void)snprintf(file->name, sizeof file->name, "%s", name);
        file->next = disk->files;
        disk->files = file;
    }
    return file;
}

static int open_locked(struct store_disk *disk, const char *name, struct handle *handle, int flags)
{
    struct file *file = name != NULL ? file_find(disk, name) : NULL;
    if (disk->cut || (name != NULL && strlen(name) >= NAME_MAX_BYTES)) {
        return SQLITE_CANTOPEN;
    }
    if (file == NULL) {
        bool create = name == NULL || (flags & SQLITE_OPEN_CREATE) != 0;
        file = create ? file_make(disk, name != NULL ? name : "") : NULL;
    }
    if (file == NULL) {
        return SQLITE_CANTOPEN;
    }
    *handle = (struct handle){ .base = { &methods }, .disk = disk, .file = file, .temporary = name == NULL };
    file->handles++;
    return SQLITE_OK;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *ret_flags)
{
    struct store_disk *disk = disk_of(vfs);
    base->pMethods = NULL;
    pthread_mutex_lock(&disk->mutex);
    int rc = open_locked(disk, name, handle_of(base), flags);
    pthread_mutex_unlock(&disk->mutex);
    if (rc == SQLITE_OK && ret_flags != NULL) {
        *ret_flags = flags;
    }
    return rc;
}

/* A deletion is safe at once. That is kinder than some disks, but nothing of the store leans on a name that is gone. */
static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)sync;
    struct store_disk *disk = disk_of(vfs);
    pthread_mutex_lock(&disk->mutex);
    struct file *file = file_find(disk, name);
    int rc = file == NULL ? SQLITE_IOERR_DELETE_NOENT : disk->cut || file->handles > 0 ? SQLITE_IOERR_DELETE : SQLITE_OK;
    if (rc == SQLITE_OK) {
        file_drop(disk, file);
    }
    pthread_mutex_unlock(&disk->mutex);
    return rc;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    (void)flags;
    struct store_disk *disk = disk_of(vfs);
    pthread_mutex_lock(&disk->mutex);
    const struct file *file = file_find(disk, name);
    *ret = file != NULL && (flags != SQLITE_ACCESS_EXISTS || file->now.len > 0);
    pthread_mutex_unlock(&disk->mutex);
    return SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int size, char *ret)
{
    (void)vfs;
    return snprintf(ret, (size_t)size, "%s", name) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int vfs_random(sqlite3_vfs *vfs, int size, char *ret)
{
    bg_random(disk_of(vfs)->env, ret, (size_t)size);
    return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    (void)usleep((useconds_t)us);
    return us;
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
    *ret = bg_now(disk_of(vfs)->env) + JULIAN_1970_MS;
    return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *vfs, int size, char *ret)
{
    (void)vfs;
    (void)size;
    (void)ret;
    return 0;
}

/* --- the public side --- */

bg_err store_disk_open(const struct bg_env *env, struct store_disk **ret)
{
    struct store_disk *disk = bg_heap_get(sizeof *disk);
    BG_TRY(bg_need(disk));
    (void)sqlite3_initialize();
    (void)snprintf(disk->name, sizeof disk->name, "baogong-disk-%p", (void *)disk);
    disk->env = env;
    disk->faults.room_bytes = -1;
    pthread_mutex_init(&disk->mutex, NULL);
    disk->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(struct handle),
        .mxPathname = NAME_MAX_BYTES,
        .zName = disk->name,
        .pAppData = disk,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_name,
        .xRandomness = vfs_random,
        .xSleep = vfs_sleep,
        .xGetLastError = vfs_error,
        .xCurrentTimeInt64 = vfs_time,
    };
    if (sqlite3_vfs_register(&disk->vfs, 0) != SQLITE_OK) {
        pthread_mutex_destroy(&disk->mutex);
        bg_heap_free(disk);
        return BG_FAIL(BG_NO_MEMORY);
    }
    *ret = disk;
    return BG_DONE;
}

void store_disk_close(struct store_disk *disk)
{
    if (disk == NULL) {
        return;
    }
    (void)sqlite3_vfs_unregister(&disk->vfs);
    while (disk->files != NULL) {
        assert(disk->files->handles == 0);
        file_drop(disk, disk->files);
    }
    pthread_mutex_destroy(&disk->mutex);
    bg_heap_free(disk);
}

const char *store_disk_name(const struct store_disk *disk)
{
    return disk->name;
}

struct store_disk_faults *store_disk_faults(struct store_disk *disk)
{
    return &disk->faults;
}

bool store_disk_is_cut(struct store_disk *disk)
{
    pthread_mutex_lock(&disk->mutex);
    bool cut = disk->cut;
    pthread_mutex_unlock(&disk->mutex);
    return cut;
}

void store_disk_power(struct store_disk *disk)
{
    struct fate fate = { disk->env, (enum luck)bg_random_below(disk->env, LUCK_COUNT), 0 };
    pthread_mutex_lock(&disk->mutex);
    disk->stats.cuts += !disk->cut;
    for (struct file *file = disk->files, *next; file != NULL; file = next) {
        next = file->next;
        assert(file->handles == 0);
        if (!file->named_safely && coin(disk->env)) {
            file_drop(disk, file);
            continue;
        }
        save(file, fate);
        file->named_safely = true;
        (void)bytes_copy(&file->now, &file->safe);
    }
    disk->cut = false;
    disk->faults = (struct store_disk_faults){ .room_bytes = -1, .no_sync = disk->faults.no_sync };
    pthread_mutex_unlock(&disk->mutex);
}

bg_err store_disk_copy(struct store_disk *disk, struct store_disk *from)
{
    assert(disk->files == NULL);
    for (const struct file *file = from->files; file != NULL; file = file->next) {
        struct file *copy = file_make(disk, file->name);
        if (copy == NULL || !bytes_copy(&copy->now, &file->now) || !bytes_copy(&copy->safe, &file->now)) {
            return BG_FAIL(BG_NO_MEMORY);
        }
        copy->named_safely = true;
    }
    return BG_DONE;
}

struct store_disk_stats store_disk_stats(struct store_disk *disk)
{
    pthread_mutex_lock(&disk->mutex);
    struct store_disk_stats stats = disk->stats;
    for (const struct file *file = disk->files; file != NULL; file = file->next) {
        stats.unsafe_bytes += (int64_t)file->log.len;
    }
    pthread_mutex_unlock(&disk->mutex);
    return stats;
}
