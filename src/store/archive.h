/* The archive of a SQLite file's log: page images as they were committed, from which any moment is made again. Private to the store;
 * archive.c writes and reads segments, archive_replay.c brings a copy to a moment, sqlite_archive.c feeds it from a running store.
 *
 * Why pages and not the journal's bodies: a page written again is the same whatever version of the program replays it, and it covers
 * what the journal does not hold (sessions, search entries, leases). Replaying bodies would run today's rules on yesterday's data.
 *
 * A folder holds CHAIN-LSN.seg and CHAIN-LSN-AT.base. A chain is an unbroken run of committed frames, counted from 1 (LSN); its name, 16
 * hexadecimal digits, grows with time. A base is a whole copy that stands at an LSN. A segment is a row of records:
 *     192 bytes of head (little-endian; see put_head), commits × 20 bytes (LSN, milliseconds, pages of the file), frames: for each its
 *     page number (4 bytes), at a commit the file's pages (4), which of the page's 64 blocks differ from the page as it was (8, lowest
 *     bit first), and those blocks; of page 1, whose head a copy changes, all that are not zero. Blocks are put in place, not added: to
 *     go through what a copy already holds does no harm. A small record's frames are packed by zlib as well. The log's own running
 *     checksum, over whole pages, tells whoever puts the blocks together that nothing went wrong in between.
 * The head ends in BLAKE2b-256 of the record before it and of this one, so that nothing is altered, missing or exchanged unnoticed. */
#ifndef BG_STORE_ARCHIVE_H
#define BG_STORE_ARCHIVE_H

#include "base/base.h"
#include "store/store.h"

#define ARCHIVE_NAME_MAX 64
#define ARCHIVE_PATH_MAX 4096
#define ARCHIVE_RECORD_FRAMES 512
#define ARCHIVE_SEGMENT_BYTES (INT64_C(16) << 20)

enum archive_kind { ARCHIVE_BEGIN = 1, ARCHIVE_FRAMES, ARCHIVE_END };

struct archive_commit {
    int64_t lsn;
    bg_ms at; /* never before the commit before it */
    uint32_t pages;
};

/* What the file on the disk looks like from outside: after a clean stop nothing may have touched it. All zero: not known. */
struct archive_identity {
    int64_t inode, size, modified_ns, changed_ns;
};

/* Where a chain stands behind a record; also what a record says of itself. */
struct archive_mark {
    enum archive_kind kind;
    uint64_t chain;
    int64_t lsn;       /* of the last frame */
    uint32_t salt[2];  /* of the log's round; zero: it was empty */
    uint32_t frame;    /* of the last frame in its round */
    uint32_t sum[2];   /* the log's running checksum there */
    uint32_t page_size;
    bg_ms at;          /* of the last commit */
    struct archive_identity identity;
    uint8_t hash[32];
};

/* The page as it was before a record; false: it cannot be read. Nothing but zeros where none was. */
typedef bool (*archive_before)(void *ctx, uint32_t number, uint8_t *out, size_t size);

/* One record, as it is given or was read. */
struct archive_record {
    struct archive_mark mark; /* behind it */
    uint32_t begun[2];        /* the log's running checksum before it */
    bool big;                 /* the order of the words it sums */
    archive_before before;    /* NULL: zeros */
    void *before_ctx;
    uint32_t frames;
    uint32_t *numbers, *sizes;      /* page number; at a commit the file's pages, else 0 */
    uint8_t *pages;                 /* the first; each `stride` bytes behind the one before */
    size_t stride;
    struct archive_commit *commits;
    size_t commit_count;
    bool small; /* to be packed by zlib */
};

struct archive_file {
    char name[ARCHIVE_NAME_MAX];
    uint64_t chain;
    int64_t lsn; /* a segment's first frame; where a base stands */
    bg_ms at;    /* a base's */
    bool base;
    int64_t bytes;
};

struct archive_list {
    struct archive_file *files; /* by chain, then LSN */
    size_t count, room;
};

/* Reads the names in a folder; BG_STORE_OPEN when there is none. */
bg_err archive_list(const char *folder, struct archive_list *ret);
void archive_list_done(struct archive_list *list);

/* A chain that is being written. */
struct archive_writer {
    char folder[ARCHIVE_PATH_MAX];
    int fd;              /* of the segment; -1: none */
    int64_t bytes;       /* of the segment that are good */
    bool torn;           /* there may be more behind them */
    bool spoilt;         /* resumed: the last record was there in length, but not good */
    struct archive_mark mark;
    int64_t total_bytes; /* written in all since the start */
    bool behind, fresh;  /* there is something to sync; the segment's name, too */
    struct archive_mark kept; /* what is surely on the disk */
    int64_t kept_bytes;
    uint8_t *room;       /* a record being made */
    size_t room_bytes;
};

/* Makes the folder (0700) when it is missing. */
bg_err archive_folder(const char *folder);
/* Appends a record; it is durable after archive_sync. A segment that has become large is synced and followed by a new one. */
bg_err archive_append(struct archive_writer *writer, struct archive_record *record);
/* On failure the writer's mark goes back to where all is surely on the disk. */
bg_err archive_sync(struct archive_writer *writer);
void archive_writer_close(struct archive_writer *writer);
/* SQLite's running checksum (file format, 4.2): over pairs of words in the order that the log's head names. */
void archive_sum(bool big, uint32_t sum[2], const uint8_t *at, size_t size);
/* Whether the pages of a record are those that the log summed. */
bool archive_whole(const struct archive_record *record);
/* Finds the end of the newest chain and is ready to go on there; *ret_found false: there is none, or its end is damaged. A record that a
 * crash left half-written is cut off. */
bg_err archive_resume(struct archive_writer *writer, bool *ret_found);

/* A reader of one segment. */
struct archive_reader {
    int fd;
    int64_t at, size;
    struct archive_record record; /* arrays are the reader's */
    archive_before before;        /* NULL: as if nothing had been there */
    void *before_ctx;
    struct bg_buf bytes, raw;
    size_t room;
};
void archive_reader_close(struct archive_reader *reader);
bg_err archive_reader_open(const char *folder, const char *name, struct archive_reader *reader);
enum archive_read { ARCHIVE_READ, ARCHIVE_AT_END, ARCHIVE_TORN, ARCHIVE_DAMAGED };
/* The next record: its mark and commits, unchecked (`whole` false), or everything, with the hash checked. TORN: the file ends within it. */
bg_err archive_read(struct archive_reader *reader, bool whole, uint8_t before[32], enum archive_read *ret);

#endif
