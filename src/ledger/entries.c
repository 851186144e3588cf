/* Items, places and lots as global search knows them. */
#include "ledger/ledger.h"
#include "record/record.h"

#define CODES_MAX 32

/* A GTIN is kept with fourteen digits and typed as it is printed: both are words. */
static bg_err item_words(struct store_tx *tx, int64_t city, const struct ledger_item *item, struct bg_arena *arena,
                         struct record_entry *entry)
{
    struct ledger_code *codes;
    size_t count;
    BG_TRY(ledger_code_list(tx, city, item->id, arena, &codes, &count));
    bg_str *words = bg_arena_array(arena, CODES_MAX, sizeof *words);
    BG_TRY(bg_need(words));
    if (item->spec.len > 0) {
        words[entry->word_count++] = item->spec;
    }
    for (size_t i = 0; i < count && entry->word_count + 2 <= CODES_MAX; i++) {
        words[entry->word_count++] = codes[i].code;
        if (codes[i].original.len > 0 && !bg_str_eq(codes[i].original, codes[i].code)) {
            words[entry->word_count++] = codes[i].original;
        }
    }
    entry->words = words;
    return BG_DONE;
}

static bg_err item_load(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct record_entry *ret)
{
    struct ledger_item item;
    BG_TRY(ledger_item_get(tx, city, id, arena, &item));
    struct record_entry entry = { .kind = "item", .id = id, .title_zh = item.name_zh, .title_en = item.name_en, .code = item.code,
                                  .note = item.spec, .target = { .city = city } };
    BG_TRY(item_words(tx, city, &item, arena, &entry));
    *ret = entry;
    return BG_DONE;
}

static bg_err place_load(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct record_entry *ret)
{
    struct ledger_place place;
    BG_TRY(ledger_place_get(tx, city, id, arena, &place));
    *ret = (struct record_entry){ .kind = "place", .id = id, .title_zh = place.name_zh, .title_en = place.name_en, .code = place.code,
                                  .note = place.address,
                                  .target = { .city = city, .district = place.district, .place = id, .org = place.org } };
    return BG_DONE;
}

/* A lot is shown as its batch, with the item it is of. */
static bg_err lot_load(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct record_entry *ret)
{
    struct ledger_lot lot;
    struct ledger_item item;
    BG_TRY(ledger_lot_get(tx, city, id, arena, &lot));
    BG_TRY(ledger_item_get(tx, city, lot.item, arena, &item));
    const char *zh = bg_arena_text(arena, "%.*s %.*s", BG_STR_FMT(item.name_zh), BG_STR_FMT(lot.batch));
    const char *en = bg_arena_text(arena, "%.*s %.*s", BG_STR_FMT(item.name_en), BG_STR_FMT(lot.batch));
    BG_TRY(bg_need(zh));
    BG_TRY(bg_need(en));
    *ret = (struct record_entry){ .kind = "lot", .id = id, .title_zh = bg_str_of(zh), .title_en = bg_str_of(en), .code = lot.batch,
                                  .note = lot.maker, .target = { .city = city } };
    return BG_DONE;
}

bg_err ledger_auth_place(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct auth_place *ret)
{
    struct ledger_place place;
    BG_TRY(ledger_place_get(tx, city, id, arena, &place));
    *ret = (struct auth_place){ .district = place.district, .org = place.org, .name_zh = place.name_zh, .name_en = place.name_en };
    return BG_DONE;
}

bg_err ledger_records(struct record *record)
{
    static const struct record_kind kinds[] = {
        { .name = "item",
          .zh = "物资",
          .en = "item",
          .path = "/api/v1/items/",
          .read = AUTH_RIGHT_ITEM_READ,
          .write = AUTH_RIGHT_ITEM_WRITE,
          .files = true,
          .load = item_load },
        { .name = "place",
          .zh = "库点",
          .en = "place",
          .path = "/api/v1/places/",
          .read = AUTH_RIGHT_PLACE_READ,
          .write = AUTH_RIGHT_PLACE_WRITE,
          .files = true,
          .load = place_load },
        { .name = "lot",
          .zh = "批号",
          .en = "lot",
          .path = "/api/v1/lots/",
          .read = AUTH_RIGHT_ITEM_READ,
          .write = AUTH_RIGHT_LOT_WRITE,
          .files = true, .shared = true,
          .load = lot_load },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        BG_TRY(record_register(record, &kinds[i]));
    }
    return BG_DONE;
}
