/* The hot family of the ledger and its kinds: posting, reversing, reserving, releasing; their answers and journal entries; and the same for
 * rare changes of other modules. */
#include <assert.h>

#include "auth/auth.h"
#include "ledger/image.h"

#define DOCUMENT_BYTES ((size_t)1 << 20)

/* --- canonical JSON --- */

/* What of `key` is worth saying: always place and status; of the rest what is there and, on the second side, differs from `other`. */
static void key_json(const struct ledger_key *key, const struct ledger_key *other, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "place", key->place);
    if (key->bin != 0) {
        bg_json_put_id(out, "bin", key->bin);
    }
    if (other == NULL || key->owner != other->owner) {
        bg_json_put_id(out, "owner", key->owner);
    }
    if (other == NULL) {
        bg_json_put_id(out, "item", key->item);
    }
    if (key->lot != (other != NULL ? other->lot : 0)) {
        bg_json_put_id(out, "lot", key->lot);
    }
    bg_json_put_str(out, "status", bg_str_of(ledger_slug(ledger_statuses, key->status)));
    bg_json_object_end(out);
}

void document_movement_json(const struct image_movement *movement, struct bg_buf *out)
{
    const struct ledger_key from = image_key(movement->from), to = image_key(movement->to);
    bg_json_object(out);
    bg_json_put_id(out, "id", movement->id);
    bg_json_key(out, "from");
    key_json(&from, NULL, out);
    bg_json_key(out, "to");
    key_json(&to, &from, out);
    bg_json_put_int(out, "qty", movement->qty);
    bg_json_put_str(out, "reason", bg_str_of(ledger_slug(ledger_reasons, movement->reason)));
    if (movement->paid != LEDGER_PAID_NONE) {
        bg_json_put_str(out, "terms", bg_str_of(ledger_slug(ledger_paids, movement->paid)));
    }
    if (movement->reverses != 0) {
        bg_json_put_id(out, "reverses", movement->reverses);
    }
    if (movement->note.len > 0) {
        bg_json_put_str(out, "note", movement->note);
    }
    bg_json_object_end(out);
}

static void put_time(struct bg_buf *out, const char *key, bg_ms at)
{
    char text[25];
    bg_time_text(at, text);
    bg_json_put_str(out, key, bg_str_of(text));
}

static void put_some_id(struct bg_buf *out, const char *key, int64_t id)
{
    if (id != 0) {
        bg_json_put_id(out, key, id);
    }
}

static void put_some_text(struct bg_buf *out, const char *key, bg_str text)
{
    if (text.len > 0) {
        bg_json_put_str(out, key, text);
    }
}

void document_json(const struct image_document *document, struct bg_buf *out)
{
    char number[32];
    ledger_number_text(document->kind, document->year, document->number, number);
    bg_json_key(out, "document");
    bg_json_object(out);
    bg_json_put_id(out, "id", document->id);
    bg_json_put_str(out, "kind", bg_str_of(ledger_slug(ledger_kinds, document->kind)));
    bg_json_put_str(out, "number", bg_str_of(number));
    bg_json_put_id(out, "place", document->place);
    put_some_id(out, "other", document->other);
    put_some_id(out, "shipment", document->shipment);
    put_some_text(out, "reference", document->reference);
    put_some_text(out, "note", document->note);
    put_time(out, "occurred_at", document->occurred_at);
    put_time(out, "recorded_at", document->recorded_at);
    if (document->stated_at != BG_TIME_NONE) {
        put_time(out, "stated_at", document->stated_at);
    }
    bg_json_object_end(out);
    bg_json_key(out, "movements");
    bg_json_array(out);
    for (const struct image_movement *movement = document->movements; movement != NULL; movement = movement->next) {
        document_movement_json(movement, out);
    }
    bg_json_array_end(out);
}

static void reviews_json(const struct image_document *document, struct bg_buf *out)
{
    bg_json_key(out, "reviews");
    bg_json_array(out);
    for (const struct image_review *review = document->reviews; review != NULL; review = review->next) {
        bg_json_object(out);
        bg_json_put_id(out, "id", review->id);
        bg_json_put_str(out, "kind", bg_str_of(ledger_slug(ledger_review_kinds, review->kind)));
        put_some_id(out, "movement", review->movement);
        bg_json_put_int(out, "qty", review->qty);
        put_time(out, "due_at", review->due_at);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

void hold_json(const struct image_hold *hold, struct bg_buf *out)
{
    const struct ledger_key key = image_key(hold->account);
    bg_json_object(out);
    bg_json_put_id(out, "id", hold->key[1]);
    bg_json_key(out, "account");
    key_json(&key, NULL, out);
    bg_json_put_int(out, "qty", hold->qty);
    bg_json_put_int(out, "posted", hold->posted);
    bg_json_put_str(out, "state", bg_str_of(ledger_slug(ledger_hold_states, (int)hold->state)));
    if (hold->due_at != INT64_MAX) {
        put_time(out, "due_at", hold->due_at);
    }
    bg_json_object_end(out);
}

/* --- answers --- */

static bg_err record_document(struct change_tx *tx, const struct change *change, const struct image_document *document,
                              struct bg_buf *reply)
{
    BG_SCOPED_BUF after = bg_buf_init(DOCUMENT_BYTES);
    bg_json_object(&after);
    document_json(document, &after);
    if (document->reviews != NULL) {
        reviews_json(document, &after);
    }
    bg_json_object_end(&after);
    BG_TRY(bg_buf_check(&after));
    if (reply != NULL) {
        bg_buf_add(reply, bg_buf_str(&after));
    }
    return change_record(tx, change, &(struct journal_entry){ .kind = "document.posted", .object = "document", .id = document->id,
                                                              .city = document->city, .after = bg_buf_str(&after) });
}

static bg_err record_holds(struct change_tx *tx, const struct change *change, struct image_hold **holds, const char *kind,
                           struct bg_buf *reply)
{
    BG_SCOPED_BUF after = bg_buf_init(DOCUMENT_BYTES);
    bg_json_object(&after);
    bg_json_key(&after, "holds");
    bg_json_array(&after);
    for (struct image_hold **hold = holds; *hold != NULL; hold++) {
        hold_json(*hold, &after);
    }
    bg_json_array_end(&after);
    bg_json_object_end(&after);
    BG_TRY(bg_buf_check(&after));
    if (reply != NULL) {
        bg_buf_add(reply, bg_buf_str(&after));
    }
    if (*holds == NULL) {
        return BG_DONE; /* a lapse that somebody else was quicker with */
    }
    return change_record(tx, change, &(struct journal_entry){ .kind = kind, .object = "hold", .id = (*holds)->key[1],
                                                              .city = change->city, .after = bg_buf_str(&after) });
}

/* --- the family --- */

static const struct change_family ledger_family;

static struct image_ask ask_of(const struct change *change)
{
    struct image_ask ask = { .change = change, .at = change->occurred_at };
    if (change->kind == &ledger_posting) {
        ask.post = change->in;
    } else if (change->kind == &ledger_using) {
        ask.use = change->in;
    } else if (change->kind == &ledger_reversing) {
        ask.reverse = change->in;
    } else if (change->kind == &ledger_reserving) {
        ask.reserve = change->in;
    } else {
        assert(change->kind == &ledger_releasing);
        ask.release = change->in;
    }
    return ask;
}

static bg_err family_keys(struct change_tx *tx, const struct change *change)
{
    void **state = change_family_state(tx, &ledger_family);
    if (*state == NULL) {
        struct image *image;
        BG_TRY(image_open(tx, &image));
        *state = image;
    }
    const struct image_ask ask = ask_of(change);
    return image_want(*state, &ask);
}

static bg_err family_load(struct change_tx *tx)
{
    struct image *image = *change_family_state(tx, &ledger_family);
    return image == NULL ? BG_DONE : image_load(image);
}

static bg_err family_apply(struct change_tx *tx)
{
    struct image *image = *change_family_state(tx, &ledger_family);
    return image == NULL ? BG_DONE : image_apply(image);
}

static const struct change_family ledger_family = { .name = "ledger", .keys = family_keys, .load = family_load, .apply = family_apply };

static bg_err decide_post(struct change_tx *tx, struct change *change)
{
    struct image *image = *change_family_state(tx, &ledger_family);
    struct image_document *document;
    BG_TRY(decide_document(image, image_ask_of(image, change), &document));
    change->status = 201;
    return record_document(tx, change, document, &change->reply);
}

static bg_err decide_reserve(struct change_tx *tx, struct change *change)
{
    struct image *image = *change_family_state(tx, &ledger_family);
    struct image_hold **holds;
    BG_TRY(decide_holding(image, image_ask_of(image, change), &holds));
    change->status = 201;
    return record_holds(tx, change, holds, "hold.made", &change->reply);
}

static bg_err decide_release(struct change_tx *tx, struct change *change)
{
    struct image *image = *change_family_state(tx, &ledger_family);
    const struct ledger_release *release = change->in;
    struct image_hold **holds;
    BG_TRY(decide_holding(image, image_ask_of(image, change), &holds));
    return record_holds(tx, change, holds, release->lapse ? "hold.lapsed" : "hold.voided", &change->reply);
}

const struct change_kind ledger_posting = { .name = "ledger.post", .family = &ledger_family, .decide = decide_post,
                                            .recheck = auth_recheck };
const struct change_kind ledger_using = { .name = "ledger.use", .family = &ledger_family, .decide = decide_post,
                                          .recheck = auth_recheck };
const struct change_kind ledger_reversing = { .name = "ledger.reverse", .family = &ledger_family, .decide = decide_post,
                                              .recheck = auth_recheck };
const struct change_kind ledger_reserving = { .name = "ledger.reserve", .family = &ledger_family, .decide = decide_reserve,
                                              .recheck = auth_recheck };
const struct change_kind ledger_releasing = { .name = "ledger.release", .family = &ledger_family, .decide = decide_release,
                                              .recheck = auth_recheck };

/* --- inside rare changes --- */

static bg_err one_ask(struct change_tx *tx, const struct image_ask *ask, struct image **ret)
{
    BG_TRY(image_open(tx, ret));
    BG_TRY(image_want(*ret, ask));
    return image_load(*ret);
}

bg_err ledger_post_in(struct change_tx *tx, const struct change *change, const struct ledger_post *post, bg_ms at, int64_t *ret_document)
{
    struct image *image;
    struct image_document *document;
    const struct image_ask ask = { .change = change, .post = post, .at = at == BG_TIME_NONE ? change->occurred_at : at };
    BG_TRY(one_ask(tx, &ask, &image));
    BG_TRY(decide_document(image, image_ask_of(image, change), &document));
    BG_TRY(image_apply(image));
    BG_TRY(record_document(tx, change, document, NULL));
    *ret_document = document->id;
    return BG_DONE;
}

/* Many documents on one image: what each needs is loaded in one go, as for a batch of hot changes. */
bg_err ledger_posts_in(struct change_tx *tx, const struct change *change, const struct ledger_post *posts, const bg_ms *at, size_t count,
                       bg_err *ret_errs, int64_t *ret_documents)
{
    struct image *image;
    struct change *asking = bg_arena_array(change_arena(tx), count, sizeof *asking); /* an image tells its askers by address */
    BG_TRY(bg_need(asking));
    BG_TRY(image_open(tx, &image));
    for (size_t i = 0; i < count; i++) {
        asking[i] = *change;
        const struct image_ask ask = { .change = &asking[i], .post = &posts[i], .at = at[i] };
        BG_TRY(image_want(image, &ask));
    }
    BG_TRY(image_load(image));
    for (size_t i = 0; i < count; i++) {
        struct image_document *document;
        ret_errs[i] = decide_document(image, image_ask_of(image, &asking[i]), &document);
        if (bg_failed(ret_errs[i]) && bg_errors[ret_errs[i].code].status >= 500) {
            return ret_errs[i];
        }
        if (!bg_failed(ret_errs[i])) {
            ret_documents[i] = document->id;
            BG_TRY(record_document(tx, change, document, NULL));
        }
    }
    return image_apply(image);
}

bg_err ledger_reserve_in(struct change_tx *tx, const struct change *change, const struct ledger_reserve *reserve, int64_t *ret_holds)
{
    struct image *image;
    struct image_hold **holds;
    const struct image_ask ask = { .change = change, .reserve = reserve, .at = BG_TIME_NONE };
    BG_TRY(one_ask(tx, &ask, &image));
    BG_TRY(decide_holding(image, image_ask_of(image, change), &holds));
    BG_TRY(image_apply(image));
    BG_TRY(record_holds(tx, change, holds, "hold.made", NULL));
    for (size_t i = 0; holds[i] != NULL; i++) {
        ret_holds[i] = holds[i]->key[1];
    }
    return BG_DONE;
}

bg_err ledger_release_in(struct change_tx *tx, const struct change *change, const struct ledger_release *release)
{
    struct image *image;
    struct image_hold **holds;
    const struct image_ask ask = { .change = change, .release = release, .at = BG_TIME_NONE };
    BG_TRY(one_ask(tx, &ask, &image));
    BG_TRY(decide_holding(image, image_ask_of(image, change), &holds));
    BG_TRY(image_apply(image));
    return record_holds(tx, change, holds, "hold.voided", NULL);
}
