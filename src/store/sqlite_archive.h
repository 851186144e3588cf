/* The archive of a running SQLite store: sqlite_archive.c copies what is committed, sqlite_base.c makes the copies it starts from and
 * removes what is old. Private to the store. Locks, in this order: rounds, lite_file.mutex, commits. */
#ifndef BG_STORE_SQLITE_ARCHIVE_H
#define BG_STORE_SQLITE_ARCHIVE_H

#include "store/archive.h"
#include "store/sqlite.h"

#define ARCHIVE_EVERY_MS 1000
#define ARCHIVE_KEEP_MS (INT64_C(7) * 86400000)
#define ARCHIVE_BASE_MS INT64_C(86400000)

/* What a checkpoint may do. It must never bring into the file what is not surely in the archive: a log that is all in the file begins anew
 * with the next commit, over frames that nobody has. */
enum archive_hold {
    ARCHIVE_HELD, /* nothing: what the reader pins, if it does, is not all archived yet */
    ARCHIVE_SAFE, /* go as far as the pin */
    ARCHIVE_FREE, /* no chain goes on: as it likes */
};

/* Where a page's last archived frame is in the present round of the log; page 0: an empty place. */
struct page_frame {
    uint32_t page, frame;
};

struct lite_archive {
    struct store *store;
    bool started;
    int page_size;
    struct archive_identity found; /* before this process touched the file */
    bg_ms written_at;              /* when the log was last written before this start */
    bool same_place;               /* the file was archived here when it was last opened */

    enum archive_hold hold; /* under lite_file.mutex, as is moving the pin */
    struct lite *reader;    /* pins the log */

    pthread_mutex_t rounds; /* held over rounds and bases, and for what follows */
    struct archive_writer out;
    struct archive_record record;
    uint8_t *raw; /* frames as they are in the log */
    bool trusts;  /* a long run of this process's own frames is being copied */
    struct page_frame *index; /* hashed by page; room is a power of two */
    size_t index_room, index_count;
    uint32_t index_salt[2], indexed; /* of which round, up to which frame; UINT32_MAX: useless */
    struct archive_commit *waiting;
    size_t waiting_count, waiting_room;
    bool chained; /* the chain goes on */
    bool based;   /* and has a base */
    bg_ms good_at, said_at, pruned_at;
    struct lite *base_from; /* a base is being copied */
    sqlite3 *base_to;
    sqlite3_backup *base_copy;
    struct store_position base_place;
    bg_ms base_at;       /* when the newest was made */
    int64_t base_total;  /* out.total_bytes then */

    pthread_mutex_t commits; /* held over every COMMIT, and for what follows */
    uint32_t salt[2], frame;
    uint64_t chain; /* 0: none goes on */
    int64_t round_lsn, lsn;
    bg_ms at;
    struct archive_commit *fresh;
    size_t fresh_count, fresh_room;
    bool lost; /* commits were not counted */

    _Atomic bool failing;
    _Atomic int64_t archived_at, breaks;
};

/* Reads where to archive: what is asked for, else where this file was archived before; NULL in lite_file.archive when nowhere. Before the
 * file is opened. */
bg_err lite_archive_choose(struct store *store);
/* Takes up the chain or begins one; on the writer's connection, before anything is committed. */
bg_err lite_archive_start(struct store *store, struct lite *lite);
void lite_archive_lock(struct store *store); /* around every commit; nothing without an archive */
void lite_archive_unlock(struct store *store);
void lite_archive_committed(struct lite_archive *a, int frames); /* the log's hook */
/* A round, `rounds` held: copies what is new, durably, and leaves the log pinned there. */
void lite_archive_ahead(struct lite_archive *a);
/* lite_file.mutex held: lets the log go, if a checkpoint may run; nobody else may commit meanwhile. */
void lite_archive_let_go(struct lite_archive *a);
/* Lets the log go when all of it is archived, so that it can begin anew. */
void lite_archive_rest(struct lite_archive *a);
/* Before the last checkpoint: says in the archive that what comes to lie in the file is all in it. */
void lite_archive_ending(struct store *store);
/* After the last checkpoint; `emptied`: it left nothing in the log. */
void lite_archive_stop(struct store *store, bool emptied);
void lite_archive_free(struct lite_archive *a);
void lite_archive_identify(const struct store *store, struct archive_identity *ret);

/* A snapshot for `from`, which is to begin one, and where it stands; chain 0 without an archive. */
bg_err lite_archive_snapshot(struct store *store, struct lite *from, struct store_position *ret);
/* Goes on with a base if one is due, for a moment; *ret_busy: there is more to do at once. Now and then removes what is old. */
void lite_archive_tend(struct lite_archive *a, bool *ret_busy);
void lite_archive_drop_base(struct lite_archive *a);

#endif
