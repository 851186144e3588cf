/* What every kind of record has in common: a name, a title, who may read it, where it is found, and the files that hang on it.
 *
 * A module registers its kinds at start, with a function that makes the entry of one record; entries follow the journal within a second. (A
 * module may as well put entries itself, inside its changes.) Search finds entries by the beginning of any word of a title or code, of any
 * part of a Chinese name (护服 finds 医用防护服), and of its pinyin initials (fhf), and shows those that the caller may read: the entry
 * carries the division, place and organisation the record belongs to. The index holds nothing that could not be made again.
 *
 * Files are kept by their SHA-256 in a folder beside the database, typed by their first bytes, never by what the sender says, and inherit
 * the rights of the record they hang on. */
#ifndef BG_RECORD_H
#define BG_RECORD_H

#include "auth/auth.h"

struct record;

struct record_entry;
struct record_kind {
    const char *name;        /* "item": as in journal entries and the API */
    const char *zh, *en;     /* "物资", "item" */
    const char *path;        /* API path before the id: "/api/v1/items/"; NULL: none of its own */
    enum auth_right read;    /* who may read one: judged on the entry's division, place and organisation */
    enum auth_right write;   /* who may attach files */
    bool files;              /* files may hang on it */
    bool shared;             /* of the city as a whole: who has `write` anywhere may attach files (a lot lies at many places) */
    /* Makes the entry of one record from what is stored now; BG_NOT_FOUND when it is no more. NULL: the module puts entries itself. */
    bg_err (*load)(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct record_entry *ret);
};

struct record_opts {
    struct auth *auth;
    struct store *store;
    const struct bg_env *env;
    const char *folder;      /* for file contents; made when missing; NULL: no files may be attached */
};
bg_err record_open(const struct record_opts *opts, struct record **ret);
void record_close(struct record *record); /* accepts NULL */
/* At most 32, before the server listens; the struct must stay alive. The kind "organisation" is registered already. */
bg_err record_register(struct record *record, const struct record_kind *kind);
/* NULL when there is no such kind. */
const struct record_kind *record_kind_of(const struct record *record, bg_str name);
/* The kinds as a JSON array of {"kind","name_zh","name_en","path","files"}. */
void record_kinds_json(const struct record *record, struct bg_buf *out);

/* --- entries --- */
struct record_entry {
    const char *kind;
    int64_t id;
    bg_str title_zh, title_en, code, note;
    struct auth_target target;     /* division, place and organisation it belongs to; the city is filled in */
    const bg_str *words;           /* more that it is found by: GTINs, lot numbers, aliases; at most 32 */
    size_t word_count;
};
/* Creates or replaces an entry, inside a write. About thirty short rows. */
bg_err record_put(struct store_tx *tx, int64_t city, const struct record_entry *entry, struct bg_arena *arena);
/* Takes an entry away; none is no error. */
bg_err record_drop(struct store_tx *tx, int64_t city, const char *kind, int64_t id, struct bg_arena *arena);
/* The entry; BG_NOT_FOUND. `words` are those given. */
bg_err record_get(struct store_tx *tx, int64_t city, bg_str kind, int64_t id, struct bg_arena *arena, struct record_entry *ret);
/* BG_DONE when the session may read it (or work on it: `write`); BG_NOT_FOUND when it may not even know of it; BG_AUTH_DENIED when it may
 * read but not work on it. */
bg_err record_need(const struct record *record, struct store_tx *tx, const struct auth_session *session, bg_str kind, int64_t id,
                   bool write, struct bg_arena *arena);
/* Entries made from the journal, for kinds with `load`: a subscription (work.h) on record_index_prefixes hands the events to
 * record_index_event, which only notes what to look at again, and then calls record_index_flush, which does. On one thread. */
const char *record_index_prefixes(const struct record *record);
bg_err record_index_event(struct record *record, const struct journal_event *event);
bg_err record_index_flush(struct record *record);

/* --- search --- */
struct record_query {
    bg_str text;             /* up to five words; every word has to match */
    bg_str kind;             /* empty: all kinds */
    int64_t max;             /* results wanted, at most 100 */
};
/* Rows {"kind","kind_zh","kind_en","id","title_zh","title_en","code","note","path"} into an open JSON array, best first: the code itself,
 * the beginning of a code, of a title, of the initials, then anything else. *ret_more: there may be more than was looked at. */
bg_err record_search(const struct record *record, struct store_tx *tx, const struct auth_session *session, const struct record_query *query,
                     struct bg_arena *arena, struct bg_buf *out, bool *ret_more);
/* The letters people type for a Chinese text: "医用防护服 3M" gives "yyfhf3m"; characters of several readings give a second text, up to
 * four. For tests and labels. */
size_t record_initials(bg_str text, struct bg_arena *arena, bg_str ret[4]);

/* --- files --- */
#define RECORD_FILE_MAX (32u << 20)  /* bytes of one file */
#define RECORD_FILES_MAX 100         /* files on one record */
/* Type by content: images (PNG, JPEG, GIF, WebP, HEIC), PDF, office documents (xlsx, docx, pptx), plain text and CSV. NULL: not taken. */
const char *record_media_of(bg_str content);

struct record_file {
    int64_t id, object, attached_by, size;
    bg_str kind, name, note, media;
    uint8_t hash[32];
    bg_ms attached_at;
};
void record_file_json(const struct record_file *file, struct bg_buf *out);

/* Puts the content into the folder (durably) and says its hash and type. BG_RECORD_MEDIA, BG_TOO_LARGE, BG_RECORD_FOLDER. Any thread;
 * may take tens of milliseconds. The attachment is made by the change below. */
bg_err record_file_store(struct record *record, int64_t city, bg_str content, uint8_t ret_hash[32], const char **ret_media);
struct record_attach_in {
    struct auth_by by;
    struct record *record;
    bg_str kind, name, note;
    int64_t object;
    uint8_t hash[32];
    int64_t size;
    const char *media;
};
extern const struct change_kind record_file_attach; /* reply: the file */
struct record_file_in {
    struct auth_by by;
    struct record *record;
    int64_t id;
};
extern const struct change_kind record_file_remove;
/* After record_need on its record. */
bg_err record_file_get(const struct record *record, struct store_tx *tx, const struct auth_session *session, int64_t id,
                       struct bg_arena *arena, struct record_file *ret);
bg_err record_file_list(const struct record *record, struct store_tx *tx, const struct auth_session *session, bg_str kind, int64_t object,
                        struct auth_page *page, struct bg_arena *arena, struct bg_buf *out);
/* Reads the content whole and checks its hash: BG_RECORD_DAMAGED when the file is missing or altered. */
bg_err record_file_read(const struct record *record, int64_t city, const struct record_file *file, struct bg_arena *arena, bg_str *ret);
/* Value of a Content-Disposition header (RFC 6266): the name in ASCII and in UTF-8, control characters and quotes replaced; inline for
 * pictures only. */
bg_err record_file_disposition(const struct record_file *file, struct bg_arena *arena, bg_str *ret);
/* Once a day: forgets contents that no record has shown for 30 days. */
bg_err record_sweep(struct record *record, int64_t city);

#endif
