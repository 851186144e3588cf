/* `baogong demo`: loads the example city. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/demo.h"

#define MODEL_BYTES ((size_t)4 << 30)
#define SCALE_MAX 10000
#define LINKS_BYTES ((size_t)1 << 20)

enum { O_DB, O_SCALE, O_UNTIL, O_SEED, O_USE, O_PEOPLE, O_KEYS, O_FILES, O_COUNT };

static const struct cli_option demo_options[] = {
    [O_DB] = { "--db", "FILE|URL", "数据库文件或 postgresql:// 地址，默认 baogong.db",
               "database file or postgresql:// address; baogong.db" },
    [O_SCALE] = { "--scale", "N", "约 N 倍的流水（1…10000），默认 1", "about N times the movements (1…10000); 1" },
    [O_UNTIL] = { "--until", "DATE", "源数据最后一天 2022-01-20 对应的日期，默认昨天；2022-01-20 为原日期",
                  "the date that 2022-01-20, the last day of the data, falls on; yesterday" },
    [O_SEED] = { "--seed", "N", "随机种子，默认 20220108", "seed of what is simulated; 20220108" },
    [O_USE] = { "--use", "low|middle|high", "使用系数，默认 middle", "coefficients of use; middle" },
    [O_PEOPLE] = { "--people", "FILE", "一次性登录链接写入该文件（否则写到标准输出）",
                   "write the one-time links there, not to standard output" },
    [O_KEYS] = { "--keys", "DIR", "私钥所在目录，默认与数据库文件同处", "folder of the private keys; beside the database file" },
    [O_FILES] = { "--files", "DIR", "只写出数据文件（含十二条产业链的企业与供应关系），不动数据库",
                  "only write the files, with firms and links of the twelve chains; no database" },
    [O_COUNT] = { 0 },
};

static bool read_number(const char *text, int64_t least, int64_t most, int64_t *ret)
{
    return text == NULL || (bg_str_int(bg_str_of(text), ret) && *ret >= least && *ret <= most);
}

static bool read_opts(const char **values, const struct cli *cli, struct demo_opts *opts)
{
    static const char *const uses[] = { "low", "middle", "high" };
    int64_t seed = 20220108;
    bg_date today = bg_date_at(bg_now(cli->env), BG_CITY_OFFSET_MIN);
    *opts = (struct demo_opts){ .scale = 1, .level = DEMO_MIDDLE, .until = today - 1 };
    if (!read_number(values[O_SCALE], 1, SCALE_MAX, &opts->scale) || !read_number(values[O_SEED], 0, INT64_MAX, &seed)) {
        return false;
    }
    opts->seed = (uint64_t)seed;
    if (values[O_USE] != NULL) {
        int use = 0;
        while (use < 3 && strcmp(values[O_USE], uses[use]) != 0) {
            use++;
        }
        if (use == 3) {
            return false;
        }
        opts->level = (enum demo_level)use;
    }
    if (values[O_UNTIL] != NULL && bg_failed(bg_date_parse(bg_str_of(values[O_UNTIL]), &opts->until))) {
        return false;
    }
    bg_date first;
    if (bg_failed(bg_date_of(2020, 4, 1, &first)) || opts->until < first || opts->until >= today) {
        (void)fprintf(stderr, "--until: 2020-04-01 … 昨天 / 2020-04-01 to yesterday\n");
        return false;
    }
    return true;
}

/* --- links --- */

static bg_err write_links(const char *path, bg_str text)
{
    int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : STDOUT_FILENO;
    if (fd < 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "--people");
    }
    size_t done = 0;
    while (done < text.len) {
        ssize_t n = write(fd, text.at + done, text.len - done);
        if (n <= 0) {
            break;
        }
        done += (size_t)n;
    }
    bool closed = path == NULL || close(fd) == 0;
    return done == text.len && closed ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "--people");
}

/* The city is there; now under the machine's own clock, everybody gets a link. */
static bg_err hand_out(struct demo *demo, const struct app_config *config, const struct cli *cli, const char *path)
{
    BG_SCOPED_BUF links = bg_buf_init(LINKS_BYTES);
    struct app *app = NULL;
    BG_TRY(app_open(config, cli->env, cli->log, &app));
    bg_err err = demo_people_links(app, demo, &links);
    app_close(app);
    BG_TRY(err);
    return write_links(path, bg_buf_str(&links));
}

static void put_date(struct bg_buf *out, const char *key, bg_date date)
{
    char text[11];
    bg_date_text(date, text);
    bg_json_put_str(out, key, bg_str_of(text));
}

static void say(const struct demo *demo, int64_t ms)
{
    BG_SCOPED_BUF out = bg_buf_init(4096);
    bg_json_object(&out);
    bg_json_put_id(&out, "city", demo->city);
    put_date(&out, "from", demo_shifted(demo, demo->begin));
    put_date(&out, "until", demo_shifted(demo, demo->end));
    bg_json_put_int(&out, "shift_days", demo->shift);
    bg_json_put_int(&out, "places", (int64_t)demo->place_count);
    bg_json_put_int(&out, "lots", (int64_t)demo->lot_count);
    bg_json_put_int(&out, "documents", demo->documents);
    bg_json_put_int(&out, "movements", demo->lines);
    bg_json_put_int(&out, "shortages", demo->shortages);
    bg_json_put_int(&out, "ms", ms);
    bg_json_object_end(&out);
    cli_print(&out);
}

static bg_err demo_whole(struct demo *demo, const struct app_config *config, const struct cli *cli, const char *people)
{
    int64_t before = cli->env->monotonic_us(cli->env->ctx);
    BG_TRY(demo_live(demo, config, cli->log));
    say(demo, (cli->env->monotonic_us(cli->env->ctx) - before) / 1000);
    (void)fflush(stdout);
    return hand_out(demo, config, cli, people);
}

static int demo_run(struct cli *cli)
{
    const char *values[O_COUNT] = { NULL };
    struct demo_opts opts;
    if (!cli_options(cli, demo_options, values)) {
        return CLI_USAGE;
    }
    if (cli->argc != 0 || !read_opts(values, cli, &opts)) {
        return cli_usage("demo");
    }
    if (values[O_FILES] != NULL) {
        bg_err err = demo_files_write(&opts, values[O_FILES]);
        return bg_failed(err) ? cli_fail(err) : CLI_GOOD;
    }
    BG_SCOPED_ARENA arena = bg_arena_open(MODEL_BYTES);
    struct app_config config = { .db = values[O_DB] != NULL ? values[O_DB] : "baogong.db", .keys = values[O_KEYS] };
    struct demo demo;
    bg_err err = bg_need(arena);
    err = bg_failed(err) ? err : demo_model_open(&opts, arena, &demo);
    if (bg_failed(err)) {
        return cli_fail(err);
    }
    err = demo_whole(&demo, &config, cli, values[O_PEOPLE]);
    demo_model_close(&demo);
    return bg_failed(err) ? cli_fail(err) : CLI_GOOD;
}

const struct cli_command cli_commands_demo[] = {
    { "demo", "[--db FILE|URL] [--scale N] [--until DATE] [--seed N] [--use low|middle|high] [--people FILE] [--files DIR]",
      "装入示例城市（天津 2022 年 1 月，企业为虚构，库存与使用为模拟）",
      "load the example city (Tianjin in January 2022; fictional firms, simulated stock and use)", demo_options, demo_run },
    { 0 },
};
