/* `baogong replay`: the page docs/replay.md on standard output; the picture into a file. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/replay.h"

static const struct cli_option replay_options[] = {
    { "--picture", "FILE", "把图写入该文件（SVG）", "write the picture into this file (SVG)" },
    { 0 },
};

static bg_err write_file(const char *path, bg_str text)
{
    FILE *out = fopen(path, "wb");
    if (out == NULL) {
        return BG_FAIL_AT(BG_EXPORT_WRITE, "picture");
    }
    bool good = fwrite(text.at, 1, text.len, out) == text.len;
    return fclose(out) == 0 && good ? BG_DONE : BG_FAIL_AT(BG_EXPORT_WRITE, "picture");
}

static bg_err replay(const char *picture)
{
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)1 << 30);
    BG_SCOPED_BUF out = bg_buf_init(16u << 20);
    struct tables tables;
    struct replay_run *runs;
    int count;
    BG_TRY(bg_need(arena));
    BG_TRY(replay_all(arena, &tables, &runs, &count));
    if (picture != NULL) {
        replay_picture(&tables, &runs[0], &out);
        BG_TRY(bg_buf_check(&out));
        BG_TRY(write_file(picture, bg_buf_str(&out)));
        bg_buf_clear(&out);
    }
    replay_page(&tables, runs, count, &out);
    BG_TRY(bg_buf_check(&out));
    (void)fwrite(out.at, 1, out.len, stdout);
    return BG_DONE;
}

static int replay_run(struct cli *cli)
{
    const char *value[1];
    if (!cli_options(cli, replay_options, value)) {
        return CLI_USAGE;
    }
    if (cli->argc != 0) {
        return cli_usage("replay");
    }
    bg_err e = replay(value[0]);
    return bg_failed(e) ? cli_fail(e) : CLI_GOOD;
}

const struct cli_command cli_commands_replay[] = {
    { "replay", "[--picture FILE]", "回放既往疫情：首日该订什么，与固定标准和上浮 40% 比较（docs/replay.md）",
      "replay past outbreaks: what to order on the first evening, against a fixed standard and +40 % (docs/replay.md)",
      replay_options, replay_run },
    { 0 },
};
