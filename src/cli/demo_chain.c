/* The twelve industrial chains of the example city: some 1,500 plainly fictional firms and who supplies whom, made from the seed,
 * and written as files that `baogong solve cascade` reads. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/demo.h"
#include "codec/chinese.h"
#include "codec/csv.h"

#define TIERS 4
#define SERVICES 40 /* firms that every chain needs: power, telecoms, logistics, grain and food, water */
#define SERVICE_KINDS 5
#define FILE_BYTES ((size_t)1 << 30)
#define MODEL_BYTES ((size_t)2 << 30)

struct firm {
    char code[40]; /* "C02-0017"; services "C00-0003" */
    char sector[40]; /* "C02T1"; services "C00K1" */
    int chain, tier;
    int64_t out, employees, district;
    bg_str name_zh, name_en;
    char credit_code[19];
};
struct link {
    size_t supplier, buyer;
    int64_t amount;
};
struct chains {
    struct bg_arena *arena;
    uint64_t seed;
    struct demo_table chains, words, districts;
    struct firm *firms;
    struct link *links;
    size_t firm_count, link_count, link_room;
    size_t first[16][TIERS + 1]; /* of each chain: where each tier begins; [0][0]… services */
};

/* --- names and codes --- */

/* Rows of words.csv of one kind. */
static size_t word_rows(const struct chains *c, const char *kind, size_t *rows, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < c->words.rows; i++) {
        if (bg_str_is(demo_cell(&c->words, i, "kind"), kind) && count < room) {
            rows[count++] = i;
        }
    }
    assert(count > 0);
    return count;
}

/* Place, "example", trade; from the second round on with a number. Within a chain each name is one of its own. */
static bg_err name_firm(struct chains *c, struct firm *firm, size_t number)
{
    size_t places[128], trades[8];
    char kind[40];
    (void)snprintf(kind, sizeof kind, "trade:C%02d", firm->chain);
    size_t place_count = word_rows(c, "place", places, 128), trade_count = word_rows(c, kind, trades, 8);
    size_t place = places[(number + 11 * (size_t)firm->chain) % place_count], trade = trades[number / place_count % trade_count];
    size_t round = number / (place_count * trade_count);
    bg_str zh = demo_cell(&c->words, place, "zh"), en = demo_cell(&c->words, place, "en");
    bg_str what = demo_cell(&c->words, trade, "zh"), what_en = demo_cell(&c->words, trade, "en");
    char more[48] = "", more_en[48] = "";
    if (round > 0) {
        (void)snprintf(more, sizeof more, "第%zu厂", round + 1);
        (void)snprintf(more_en, sizeof more_en, " No. %zu", round + 1);
    }
    firm->name_zh = bg_str_of(bg_arena_text(c->arena, "%.*s示例%.*s有限公司%s", BG_STR_FMT(zh), BG_STR_FMT(what), more));
    firm->name_en =
        bg_str_of(bg_arena_text(c->arena, "%.*s Example %.*s Co., Ltd.%s", BG_STR_FMT(en), BG_STR_FMT(what_en), more_en));
    BG_TRY(bg_need(firm->name_zh.at));
    return bg_need(firm->name_en.at);
}

/* A credit code that fits GB 32100 and can be nobody's: its organisation code begins with EX. */
static void number_firm(struct firm *firm, size_t number)
{
    static const char last[] = "0123456789X";
    char organisation[40], normal[10], body[48];
    (void)snprintf(organisation, sizeof organisation, "EX%02d%04zu", firm->chain, number % 10000);
    for (size_t i = 0; i + 1 < sizeof last; i++) {
        organisation[8] = last[i];
        if (!bg_failed(chinese_organisation_code_read((bg_str){ organisation, 9 }, normal))) {
            break;
        }
    }
    (void)snprintf(body, sizeof body, "9%c%06d%.9s", '1' + (char)(number / 10000), (int)firm->district, normal);
    memcpy(firm->credit_code, body, 17);
    bool checked = chinese_credit_code_check(firm->credit_code, &firm->credit_code[17]);
    assert(checked);
    firm->credit_code[18] = '\0';
}

/* Larger districts have more firms. */
static int64_t some_district(const struct chains *c, uint64_t hash)
{
    int64_t all = 0;
    for (size_t i = 0; i < c->districts.rows; i++) {
        all += demo_int(&c->districts, i, "population");
    }
    int64_t at = demo_below(hash, all);
    for (size_t i = 0; i < c->districts.rows; i++) {
        at -= demo_int(&c->districts, i, "population");
        if (at < 0) {
            return demo_int(&c->districts, i, "code");
        }
    }
    return 120000;
}

/* --- firms --- */

/* Output in 10,000 yuan: half of the firms are small, each next size is half as frequent, as among real firms. */
static int64_t some_output(uint64_t hash)
{
    int size = 0;
    while (size < 9 && (hash >> size & 1) == 0) {
        size++;
    }
    return (INT64_C(400) << size) * (1000 + demo_below(hash, 1000)) / 1000;
}

static bg_err make_firm(struct chains *c, int chain, int tier, const char *sector, size_t number)
{
    struct firm *firm = &c->firms[c->firm_count++];
    uint64_t hash = demo_hash(c->seed, 0x6669726d, (uint64_t)chain, number);
    *firm = (struct firm){ .chain = chain, .tier = tier, .out = some_output(hash), .district = some_district(c, hash + 1) };
    firm->employees = 20 + firm->out * (8 + demo_below(hash + 2, 8)) / 1000;
    if (chain == 0) {
        firm->out *= 40;
    }
    (void)snprintf(firm->code, sizeof firm->code, "C%02d-%04zu", chain, number + 1);
    (void)snprintf(firm->sector, sizeof firm->sector, "%s", sector);
    number_firm(firm, number);
    return name_firm(c, firm, number);
}

static bg_err make_chain(struct chains *c, int chain, size_t firms)
{
    static const size_t shares[TIERS] = { 30, 35, 25, 10 };
    size_t number = 0;
    for (int tier = 0; tier < TIERS; tier++) {
        char sector[40];
        size_t last = tier + 1 == TIERS ? firms : number + (firms * shares[tier] + 99) / 100;
        (void)snprintf(sector, sizeof sector, "C%02dT%d", chain, tier + 1);
        c->first[chain][tier] = c->firm_count;
        for (; number < last; number++) {
            BG_TRY(make_firm(c, chain, tier, sector, number));
        }
    }
    c->first[chain][TIERS] = c->firm_count;
    return BG_DONE;
}

static bg_err make_services(struct chains *c, size_t count)
{
    c->first[0][0] = 0;
    for (size_t number = 0; number < count; number++) {
        char sector[40];
        (void)snprintf(sector, sizeof sector, "C00K%zu", number % SERVICE_KINDS + 1);
        BG_TRY(make_firm(c, 0, 0, sector, number));
    }
    c->first[0][1] = c->firm_count;
    return BG_DONE;
}

/* --- links --- */

static bg_err add_link(struct chains *c, size_t supplier, size_t buyer, int64_t amount)
{
    if (supplier == buyer || amount <= 0) {
        return BG_DONE;
    }
    for (size_t i = c->link_count; i > 0 && c->links[i - 1].buyer == buyer; i--) {
        if (c->links[i - 1].supplier == supplier) {
            c->links[i - 1].amount += amount;
            return BG_DONE;
        }
    }
    if (c->link_count == c->link_room) {
        size_t room = c->link_room == 0 ? 16384 : 2 * c->link_room;
        struct link *links = bg_heap_resize(c->links, room * sizeof *links);
        BG_TRY(bg_need(links));
        c->links = links;
        c->link_room = room;
    }
    c->links[c->link_count++] = (struct link){ supplier, buyer, amount };
    return BG_DONE;
}

/* The larger of three firms of a tier: suppliers of many are large. */
static size_t some_supplier(const struct chains *c, int chain, int tier, uint64_t hash)
{
    size_t from = c->first[chain][tier], count = c->first[chain][tier + 1] - from, best = from;
    for (uint64_t i = 0; i < 3; i++) {
        size_t one = from + (size_t)demo_below(hash + i, (int64_t)count);
        best = i == 0 || c->firms[one].out > c->firms[best].out ? one : best;
    }
    return best;
}

static bg_err link_firm(struct chains *c, size_t buyer)
{
    static const int materials[] = { 7, 11 }, parts[] = { 2, 9 };
    const struct firm *firm = &c->firms[buyer];
    uint64_t hash = demo_hash(c->seed, 0x6c696e6b, buyer, 0);
    int64_t suppliers = 2 + demo_below(hash, 4), spend = firm->out * (30 + demo_below(hash + 1, 30)) / 100;
    for (int64_t i = 0; firm->tier > 0 && i < suppliers; i++) {
        BG_TRY(add_link(c, some_supplier(c, firm->chain, firm->tier - 1, hash + 10 * (uint64_t)i), buyer, spend / suppliers));
    }
    if (firm->tier == 0 || demo_below(hash + 2, 6) == 0) { /* raw material from other chains, some parts too */
        const int *from = firm->tier == 0 ? materials : parts;
        int chain = from[demo_below(hash + 3, 2)];
        BG_TRY(add_link(c, some_supplier(c, chain, firm->tier == 0 ? 1 : 2, hash + 4), buyer, spend / 4));
    }
    for (uint64_t kind = 0; kind < 3; kind++) { /* power, telecoms, logistics */
        size_t services = c->first[0][1], one = (size_t)demo_below(hash + 5 + kind, (int64_t)(services / SERVICE_KINDS));
        if (kind != 1 || demo_below(hash + 9, 3) == 0) {
            BG_TRY(add_link(c, one * SERVICE_KINDS + (size_t)kind, buyer, firm->out * (kind == 1 ? 1 : 3) / 100 + 1));
        }
    }
    return BG_DONE;
}

static bg_err make_all(struct chains *c, int64_t scale)
{
    int64_t firms = SERVICES * scale;
    assert(c->chains.rows < 16);
    for (size_t i = 0; i < c->chains.rows; i++) {
        firms += demo_int(&c->chains, i, "firms") * scale;
    }
    c->firms = bg_arena_array(c->arena, (size_t)firms, sizeof *c->firms);
    BG_TRY(bg_need(c->firms));
    BG_TRY(make_services(c, (size_t)(SERVICES * scale)));
    for (size_t i = 0; i < c->chains.rows; i++) {
        BG_TRY(make_chain(c, (int)i + 1, (size_t)(demo_int(&c->chains, i, "firms") * scale)));
    }
    for (size_t i = c->first[0][1]; i < c->firm_count; i++) {
        BG_TRY(link_firm(c, i));
    }
    return BG_DONE;
}

/* --- files --- */

static bg_err file_write(const char *folder, const char *name, bg_str text)
{
    char path[1024];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = len > 0 && len < (int)sizeof path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    size_t done = 0;
    while (fd >= 0 && done < text.len) {
        ssize_t n = write(fd, text.at + done, text.len - done);
        if (n <= 0) {
            break;
        }
        done += (size_t)n;
    }
    bool good = fd >= 0 && done == text.len;
    if (fd >= 0) {
        good = close(fd) == 0 && good;
    }
    return good ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "--files");
}

static void put_field(struct bg_buf *out, bg_str field)
{
    if (out->len > 0 && out->at[out->len - 1] != '\n') {
        bg_buf_byte(out, ',');
    }
    csv_write_field(out, field);
}

static void put_number(struct bg_buf *out, int64_t number)
{
    bg_buf_byte(out, ',');
    bg_buf_int(out, number);
}

static void write_firms(const struct chains *c, struct bg_buf *out)
{
    bg_buf_add(out, BG_STR("firm,sector,out,employees,name_zh,name_en,credit_code,district,plate\n"));
    for (size_t i = 0; i < c->firm_count; i++) {
        const struct firm *firm = &c->firms[i];
        char plate[40] = "";
        if (i < 80000) { /* the letter Z: no car of Tianjin has it (recalled) */
            (void)snprintf(plate, sizeof plate, "津Z%05zu", 20000 + i);
        }
        put_field(out, bg_str_of(firm->code));
        put_field(out, bg_str_of(firm->sector));
        put_number(out, firm->out);
        put_number(out, firm->employees);
        put_field(out, firm->name_zh);
        put_field(out, firm->name_en);
        put_field(out, bg_str_of(firm->credit_code));
        put_number(out, firm->district);
        put_field(out, bg_str_of(plate));
        bg_buf_byte(out, '\n');
    }
}

static void write_links(const struct chains *c, struct bg_buf *out)
{
    bg_buf_add(out, BG_STR("supplier,buyer,amount\n"));
    for (size_t i = 0; i < c->link_count; i++) {
        put_field(out, bg_str_of(c->firms[c->links[i].supplier].code));
        put_field(out, bg_str_of(c->firms[c->links[i].buyer].code));
        put_number(out, c->links[i].amount);
        bg_buf_byte(out, '\n');
    }
}

/* 2: the buyer stops without it (the tier below, power); 1: it only slows (other chains, telecoms, logistics). */
static void write_essential(const struct chains *c, struct bg_buf *out)
{
    bg_buf_add(out, BG_STR("input"));
    for (size_t chain = 1; chain <= c->chains.rows; chain++) {
        for (int tier = 1; tier <= TIERS; tier++) {
            bg_buf_print(out, ",C%02zuT%d", chain, tier);
        }
    }
    bg_buf_byte(out, '\n');
    for (size_t from = 0; from <= c->chains.rows; from++) {
        for (int k = 1; k <= (from == 0 ? SERVICE_KINDS : TIERS); k++) {
            bg_buf_print(out, "C%02zu%c%d", from, from == 0 ? 'K' : 'T', k);
            for (size_t chain = 1; chain <= c->chains.rows; chain++) {
                for (int tier = 1; tier <= TIERS; tier++) {
                    bool must = from == 0 ? k == 1 : from == chain && tier == k + 1;
                    bg_buf_add(out, must ? BG_STR(",2") : BG_STR(",1"));
                }
            }
            bg_buf_byte(out, '\n');
        }
    }
}

static bg_err write_one(const struct chains *c, const char *folder, const char *name,
                        void (*write_rows)(const struct chains *, struct bg_buf *))
{
    BG_SCOPED_BUF out = bg_buf_init(FILE_BYTES);
    write_rows(c, &out);
    BG_TRY(bg_buf_check(&out));
    return file_write(folder, name, bg_buf_str(&out));
}

static bg_err write_all(struct chains *c, const struct demo_opts *opts, const char *folder)
{
    BG_TRY(demo_table_read("chains.csv", c->arena, &c->chains));
    BG_TRY(demo_table_read("words.csv", c->arena, &c->words));
    BG_TRY(demo_table_read("districts.csv", c->arena, &c->districts));
    BG_TRY(make_all(c, opts->scale));
    BG_TRY(write_one(c, folder, "firms.csv", write_firms));
    BG_TRY(write_one(c, folder, "links.csv", write_links));
    BG_TRY(write_one(c, folder, "essential.csv", write_essential));
    for (const struct demo_file *file = demo_files; file->name != NULL; file++) {
        BG_TRY(file_write(folder, file->name, (bg_str){ file->at, (size_t)(file->end - file->at) }));
    }
    return BG_DONE;
}

bg_err demo_files_write(const struct demo_opts *opts, const char *folder)
{
    BG_SCOPED_ARENA arena = bg_arena_open(MODEL_BYTES);
    BG_TRY(bg_need(arena));
    if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
        return BG_FAIL_AT(BG_BAD_INPUT, "--files");
    }
    struct chains c = { .arena = arena, .seed = opts->seed };
    bg_err err = write_all(&c, opts, folder);
    bg_heap_free(c.links);
    return err;
}
