/* What needs more than one person: asked by one, agreed to by others, done once. */
#include "auth/inside.h"

#include <sodium.h>
#include <string.h>

enum { OPEN, APPROVED, REFUSED, WITHDRAWN, LAPSED };
static const struct bg_state states[] = {
    [OPEN] = { "open", "待审批", "open", BG_BIT(APPROVED) | BG_BIT(REFUSED) | BG_BIT(WITHDRAWN) | BG_BIT(LAPSED) },
    [APPROVED] = { "approved", "已批准", "approved", 0 },
    [REFUSED] = { "refused", "已否决", "refused", 0 },
    [WITHDRAWN] = { "withdrawn", "已撤回", "withdrawn", 0 },
    [LAPSED] = { "lapsed", "已过期", "lapsed", 0 },
};
const struct bg_machine auth_approval_machine = { "approval", states, sizeof states / sizeof states[0], OPEN };

bg_err auth_approval_open(struct change_tx *tx, const struct change *change, struct auth_approval *in)
{
    bg_ms now = change_now(tx), ends_at = in->ends_at == BG_TIME_NONE ? now + DAY_MS : in->ends_at;
    int64_t id = change_id(tx);
    BG_TRY(store_run(change_store(tx), SQL_AUTH_APPROVAL_INSERT,
                     ARGS(V_INT(change->city), V_INT(id), V_TEXT(bg_str_of(in->kind)), V_TEXT(bg_str_of(in->object)), V_INT(in->object_id),
                          V_TEXT(in->summary_zh), V_TEXT(in->summary_en), V_BYTES(in->digest, 32), V_INT(in->needed),
                          V_INT(change->actor.account), V_INT(now), V_INT(ends_at)),
                     NULL));
    in->id = id;
    BG_SCOPED_BUF after = bg_buf_init(4096);
    bg_json_object(&after);
    bg_json_put_str(&after, "asks", bg_str_of(in->kind));
    bg_json_put_str(&after, "object", bg_str_of(in->object));
    bg_json_put_id(&after, "object_id", in->object_id);
    bg_json_put_str(&after, "summary_zh", in->summary_zh);
    bg_json_put_str(&after, "summary_en", in->summary_en);
    bg_json_put_int(&after, "needed", in->needed);
    bg_json_key(&after, "digest");
    bg_buf_byte(&after, '"');
    bg_buf_hex(&after, in->digest, sizeof in->digest);
    bg_buf_byte(&after, '"');
    bg_json_object_end(&after);
    BG_TRY(bg_buf_check(&after));
    return change_record(
        tx, change,
        &(struct journal_entry){
            .kind = "approval.opened", .object = "approval", .id = id, .city = change->city, .after = bg_buf_str(&after) });
}

/* --- rows --- */

struct approval_row {
    int64_t id, object_id, needed, requested_by;
    bg_str kind, object, summary_zh, summary_en, digest;
    int state;
    bg_ms requested_at, ends_at, decided_at, used_at;
};

static bg_err approval_read(struct store_rows *rows, struct bg_arena *arena, struct approval_row *ret)
{
    *ret = (struct approval_row){ .id = store_int(rows, 0), .kind = row_text(rows, 1, arena), .object = row_text(rows, 2, arena),
                                  .object_id = store_int(rows, 3), .summary_zh = row_text(rows, 4, arena),
                                  .summary_en = row_text(rows, 5, arena), .digest = row_text(rows, 6, arena), .needed = store_int(rows, 7),
                                  .state = bg_machine_state(&auth_approval_machine, store_text(rows, 8)),
                                  .requested_by = store_int(rows, 9), .requested_at = store_int(rows, 10), .ends_at = store_int(rows, 11),
                                  .decided_at = row_time(rows, 12), .used_at = row_time(rows, 13) };
    return ret->state < 0 ? BG_FAIL(BG_STORE_DAMAGED) : bg_need(ret->digest.at);
}

static bg_err approval_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct approval_row *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_APPROVAL_GET, ARGS(V_INT(city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, &more));
    return more ? approval_read(rows, arena, ret) : BG_FAIL_AT(BG_NOT_FOUND, "id");
}

static bg_err votes_json(struct store_tx *tx, int64_t city, int64_t id, struct bg_buf *out)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_VOTE_LIST, ARGS(V_INT(city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, &more));
    bg_json_key(out, "votes");
    bg_json_array(out);
    while (more) {
        bg_json_object(out);
        bg_json_put_id(out, "account", store_int(rows, 0));
        bg_json_put_bool(out, "agrees", store_int(rows, 1) != 0);
        bg_json_put_str(out, "note", store_text(rows, 2));
        put_time(out, "voted_at", store_int(rows, 3));
        bg_json_object_end(out);
        BG_TRY(store_next(rows, &more));
    }
    bg_json_array_end(out);
    return BG_DONE;
}

static bg_err approval_json(struct store_tx *tx, int64_t city, const struct approval_row *row, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", row->id);
    bg_json_put_str(out, "kind", row->kind);
    bg_json_put_str(out, "object", row->object);
    bg_json_put_id(out, "object_id", row->object_id);
    bg_json_put_str(out, "summary_zh", row->summary_zh);
    bg_json_put_str(out, "summary_en", row->summary_en);
    bg_json_put_int(out, "needed", row->needed);
    bg_json_put_str(out, "state", bg_str_of(states[row->state].name));
    put_id(out, "requested_by", row->requested_by);
    put_time(out, "requested_at", row->requested_at);
    put_time(out, "ends_at", row->ends_at);
    put_time(out, "decided_at", row->decided_at);
    put_time(out, "used_at", row->used_at);
    BG_TRY(votes_json(tx, city, row->id, out));
    bg_json_object_end(out);
    return BG_DONE;
}

/* Rows are read by the state they are stored in; an open one past its end shows as lapsed. */
bg_err auth_approval_list(struct store_tx *tx, const struct auth_session *session, bg_str state, struct auth_page *page,
                          struct bg_buf *out)
{
    BG_SCOPED_ARENA arena = bg_arena_open(4 << 20);
    STORE_SCOPED_ROWS rows = NULL;
    struct auth_target whole = { .city = session->city };
    bool more;
    int64_t count = 0, after = page->after;
    int wanted = state.len == 0 ? OPEN : bg_machine_state(&auth_approval_machine, state);
    bg_str stored = wanted < 0 ? state : bg_str_of(states[wanted == LAPSED ? OPEN : wanted].name);
    BG_TRY(bg_need(arena));
    BG_TRY(store_query(tx, SQL_AUTH_APPROVAL_LIST, ARGS(V_INT(session->city), V_TEXT(stored), V_INT(page->after), V_INT(page->max)),
                       &rows));
    BG_TRY(store_next(rows, &more));
    bool all = auth_may(session, AUTH_RIGHT_APPROVAL_READ, &whole, NULL);
    while (more) {
        struct approval_row row;
        BG_TRY(approval_read(rows, arena, &row));
        row.state = row.state == OPEN && row.ends_at <= session->now ? LAPSED : row.state;
        if (row.state == wanted && (all || row.requested_by == session->account)) {
            BG_TRY(approval_json(tx, session->city, &row, out));
        }
        after = row.id;
        count++;
        BG_TRY(store_next(rows, &more));
    }
    page->last = count == page->max ? after : 0;
    return BG_DONE;
}

/* --- voting --- */

static bg_err approval_move(struct change_tx *tx, const struct change *change, struct approval_row *row, int to)
{
    int64_t changed;
    BG_TRY(bg_machine_move(&auth_approval_machine, row->state, to, change_arena(tx)));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_APPROVAL_MOVE,
                     ARGS(V_INT(change->city), V_INT(row->id), V_TEXT(bg_str_of(states[to].name)), V_INT(change_now(tx))), &changed));
    row->state = to;
    row->decided_at = change_now(tx);
    return changed == 1 ? BG_DONE : BG_FAIL(BG_CONFLICT);
}

static bg_err approval_shown(struct change_tx *tx, struct change *change, const struct approval_row *row, const char *kind)
{
    BG_TRY(approval_json(change_store(tx), change->city, row, &change->reply));
    return record_change(tx, change, kind, "approval", row->id, (bg_str){ 0 }, false);
}

static bg_err vote(struct change_tx *tx, const struct change *change, const struct auth_vote_in *in, bool settled_good,
                   struct approval_row *row)
{
    struct store_tx *store = change_store(tx);
    struct auth_target whole = { .city = change->city };
    int64_t yes;
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_APPROVAL_DECIDE, &whole, change_arena(tx)));
    BG_TRY(text_check(change_arena(tx), "note", in->note, 0, 500));
    BG_TRY(approval_get(store, change->city, in->id, change_arena(tx), row));
    BG_TRY(auth_apart(row->requested_by, change->actor.account, "id"));
    if (settled_good && in->agrees && row->state == APPROVED) {
        return BG_DONE;
    }
    if (row->state == OPEN && row->ends_at <= change_now(tx)) {
        return BG_FAIL_AT(BG_AUTH_UNAPPROVED, "ends_at");
    }
    BG_TRY(bg_machine_move(&auth_approval_machine, row->state, in->agrees ? APPROVED : REFUSED, change_arena(tx)));
    bg_err err = store_run(store, SQL_AUTH_VOTE_INSERT,
                           ARGS(V_INT(change->city), V_INT(in->id), V_INT(change->actor.account), V_INT(in->agrees), V_TEXT(in->note),
                                V_INT(change_now(tx))),
                           NULL);
    if (err.code == BG_CONFLICT) {
        return BG_FAIL_AT(BG_AUTH_SELF, "id"); /* one person, one vote */
    }
    BG_TRY(err);
    BG_TRY(store_get_int(store, SQL_AUTH_VOTE_YES, ARGS(V_INT(change->city), V_INT(in->id)), &yes, NULL));
    return in->agrees && yes < row->needed ? BG_DONE : approval_move(tx, change, row, in->agrees ? APPROVED : REFUSED);
}

static bg_err vote_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_vote_in *in = change->in;
    struct approval_row row;
    BG_TRY(vote(tx, change, in, false, &row));
    return approval_shown(tx, change, &row, in->agrees ? "approval.agreed" : "approval.refused");
}

bg_err auth_approval_vote_in(struct change_tx *tx, const struct change *change, const struct auth_vote_in *in)
{
    struct approval_row row;
    BG_SCOPED_BUF after = bg_buf_init(65536);
    BG_TRY(vote(tx, change, in, true, &row));
    BG_TRY(approval_json(change_store(tx), change->city, &row, &after));
    BG_TRY(bg_buf_check(&after));
    return change_record(tx, change, &(struct journal_entry){ .kind = in->agrees ? "approval.agreed" : "approval.refused",
                                                              .object = "approval", .id = row.id, .city = change->city,
                                                              .after = bg_buf_str(&after) });
}

const struct change_kind auth_approval_vote = { .name = "approval.vote", .decide = vote_decide, .recheck = auth_recheck };

static bg_err withdraw_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_id_in *in = change->in;
    struct approval_row row;
    BG_TRY(approval_get(change_store(tx), change->city, in->id, change_arena(tx), &row));
    if (row.requested_by != change->actor.account) {
        return BG_FAIL_AT(BG_NOT_FOUND, "id");
    }
    BG_TRY(approval_move(tx, change, &row, WITHDRAWN));
    return approval_shown(tx, change, &row, "approval.withdrawn");
}

const struct change_kind auth_approval_withdraw = { .name = "approval.withdraw", .decide = withdraw_decide, .recheck = auth_recheck };

/* --- using --- */

bg_err auth_approval_use(struct change_tx *tx, const struct change *change, int64_t id, const uint8_t digest[32])
{
    struct approval_row row;
    int64_t used = 0;
    BG_TRY(approval_get(change_store(tx), change->city, id, change_arena(tx), &row));
    bool good =
        row.state == APPROVED && row.ends_at > change_now(tx) && row.digest.len == 32 && sodium_memcmp(row.digest.at, digest, 32) == 0;
    if (good) {
        BG_TRY(store_run(change_store(tx), SQL_AUTH_APPROVAL_USE, ARGS(V_INT(change->city), V_INT(id), V_INT(change_now(tx))), &used));
    }
    return used == 1 ? BG_DONE : BG_FAIL_AT(BG_AUTH_UNAPPROVED, "approval");
}
