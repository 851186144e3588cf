/* A SQLite VFS over the machine's own that fails on demand: the N-th sync, the N-th write, or writing past a size as a full disk does.
 * One plan for all files of the VFS; set it before the store opens or while it runs. */
#ifndef BG_TEST_FAULT_VFS_H
#define BG_TEST_FAULT_VFS_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

struct fault_plan {
    _Atomic int syncs_left;  /* > 0: this many succeed, then each fails; 0: none fails */
    _Atomic int writes_left; /* the same for writes, as a failing disk */
    _Atomic int full;        /* every write fails as on a full disk */
    _Atomic int opened;      /* database files opened through this VFS */
    _Atomic int failed;      /* faults given */
};

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real;
};

/* The registered VFS must find its plan without a context of the caller's, so it sits in the VFS's own pAppData. */
struct fault_vfs {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    struct fault_plan *plan;
    sqlite3_io_methods methods;
};

static struct fault_vfs fault_vfs;

static sqlite3_file *fault_real(sqlite3_file *file)
{
    return ((struct fault_file *)(void *)file)->real;
}
static int fault_spend(_Atomic int *left)
{
    int now = atomic_load(left);
    if (now == 0) {
        return 0;
    }
    if (now == 1) {
        atomic_fetch_add(&fault_vfs.plan->failed, 1);
        return 1; /* and so from now on */
    }
    atomic_fetch_sub(left, 1);
    return 0;
}
static int fault_close(sqlite3_file *file)
{
    int rc = fault_real(file)->pMethods->xClose(fault_real(file));
    return rc;
}
static int fault_read(sqlite3_file *file, void *at, int size, sqlite3_int64 from)
{
    return fault_real(file)->pMethods->xRead(fault_real(file), at, size, from);
}
static int fault_write(sqlite3_file *file, const void *at, int size, sqlite3_int64 from)
{
    if (atomic_load(&fault_vfs.plan->full) != 0) {
        atomic_fetch_add(&fault_vfs.plan->failed, 1);
        return SQLITE_FULL;
    }
    if (fault_spend(&fault_vfs.plan->writes_left)) {
        return SQLITE_IOERR_WRITE;
    }
    return fault_real(file)->pMethods->xWrite(fault_real(file), at, size, from);
}
static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return fault_real(file)->pMethods->xTruncate(fault_real(file), size);
}
static int fault_sync(sqlite3_file *file, int flags)
{
    return fault_spend(&fault_vfs.plan->syncs_left) ? SQLITE_IOERR_FSYNC : fault_real(file)->pMethods->xSync(fault_real(file), flags);
}
static int fault_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return fault_real(file)->pMethods->xFileSize(fault_real(file), size);
}
static int fault_lock(sqlite3_file *file, int lock)
{
    return fault_real(file)->pMethods->xLock(fault_real(file), lock);
}
static int fault_unlock(sqlite3_file *file, int lock)
{
    return fault_real(file)->pMethods->xUnlock(fault_real(file), lock);
}
static int fault_check_lock(sqlite3_file *file, int *out)
{
    return fault_real(file)->pMethods->xCheckReservedLock(fault_real(file), out);
}
static int fault_control(sqlite3_file *file, int op, void *arg)
{
    return fault_real(file)->pMethods->xFileControl(fault_real(file), op, arg);
}
static int fault_sector(sqlite3_file *file)
{
    return fault_real(file)->pMethods->xSectorSize(fault_real(file));
}
static int fault_device(sqlite3_file *file)
{
    return fault_real(file)->pMethods->xDeviceCharacteristics(fault_real(file));
}
static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **at)
{
    return fault_real(file)->pMethods->xShmMap(fault_real(file), page, size, extend, at);
}
static int fault_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return fault_real(file)->pMethods->xShmLock(fault_real(file), offset, count, flags);
}
static void fault_shm_barrier(sqlite3_file *file)
{
    fault_real(file)->pMethods->xShmBarrier(fault_real(file));
}
static int fault_shm_unmap(sqlite3_file *file, int remove)
{
    return fault_real(file)->pMethods->xShmUnmap(fault_real(file), remove);
}

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    struct fault_file *ours = (struct fault_file *)(void *)file;
    ours->real = (sqlite3_file *)(void *)(ours + 1);
    int rc = fault_vfs.real->xOpen(fault_vfs.real, name, ours->real, flags, out);
    ours->base.pMethods = ours->real->pMethods != NULL ? &fault_vfs.methods : NULL;
    atomic_fetch_add(&fault_vfs.plan->opened, rc == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB) != 0);
    return rc;
}

/* Registers the VFS "fault" with this plan. Once a program. */
static inline void fault_register(struct fault_plan *plan)
{
    sqlite3_initialize();
    fault_vfs.real = sqlite3_vfs_find(NULL);
    fault_vfs.plan = plan;
    fault_vfs.vfs = *fault_vfs.real;
    fault_vfs.vfs.zName = "fault";
    fault_vfs.vfs.pNext = NULL;
    fault_vfs.vfs.szOsFile = (int)sizeof(struct fault_file) + fault_vfs.real->szOsFile;
    fault_vfs.vfs.xOpen = fault_open;
    fault_vfs.methods = (sqlite3_io_methods){
        .iVersion = 2, .xClose = fault_close, .xRead = fault_read, .xWrite = fault_write, .xTruncate = fault_truncate, .xSync = fault_sync,
        .xFileSize = fault_size, .xLock = fault_lock, .xUnlock = fault_unlock, .xCheckReservedLock = fault_check_lock,
        .xFileControl = fault_control, .xSectorSize = fault_sector, .xDeviceCharacteristics = fault_device, .xShmMap = fault_shm_map,
        .xShmLock = fault_shm_lock, .xShmBarrier = fault_shm_barrier, .xShmUnmap = fault_shm_unmap,
    };
    sqlite3_vfs_register(&fault_vfs.vfs, 0);
}

#endif
