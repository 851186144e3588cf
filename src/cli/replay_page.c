/* The replay as a page and a picture. */
#include <math.h>
#include <stdio.h>

#include "cli/replay.h"

static const char *const policy_zh[REPLAY_POLICIES] = { "固定标准", "固定标准 +40%", "本引擎，同样的钱", "本引擎，95% 标准" };
static const char *const policy_en[REPLAY_POLICIES] = { "fixed standard", "fixed standard +40 %", "engine, same money",
                                                        "engine, its 95 % standard" };
static const char *const use_zh[REPLAY_USES] = { "低", "中", "高" };
static const char *const use_en[REPLAY_USES] = { "low", "middle", "high" };

static bool fewer(const struct replay_run *r, int use)
{
    const struct replay_result *fixed = &r->result[use][REPLAY_FIXED], *ours = &r->result[use][REPLAY_MONEY];
    return ours->short_days < fixed->short_days && ours->stock <= fixed->stock;
}

static void put_method(struct bg_buf *out)
{
    bg_buf_print(
        out,
        "# 回放：第一个晚上该订什么 · Replay: what to order on the first evening\n\n"
        "本页由 `baogong replay` "
        "生成。**需求是模拟的**：用公布的驱动量（天津：病例、大筛、在观密接；其他：病例，大筛按规则）乘以注明来源的系数"
        "（data/demand，低、中、高三档），不是当时的实际用量。\n"
        "Made by `baogong replay`. **Needs are simulated**: published drivers (Tianjin: cases, rounds, contacts under "
        "observation; others: "
        "cases, rounds by rule) times coefficients with sources (data/demand; low, middle, high). They are not what was used.\n\n"
        "- 只知道首日：引擎只知道首日病例，看两周；既往疫情库去掉同一省份；大筛预想 3、4、5 轮（每轮三天，95%%），权重 "
        ".5、.3、.2；系数取中档并带不确定性。"
        "天津的回放中，表里由天津测得的密接和三区系数改用低档、变异系数 1。既往疫情多数晚于 2022 年 1 "
        "月：这是留一法，不是当时的资料。\n"
        "- Only day 0 is known: its cases; the engine looks two weeks ahead; the library leaves out the same province; three, "
        "four or five rounds are expected "
        "(three days each, 95 %% of "
        "residents; weights .5, .3, .2); coefficients are the middle ones, in doubt. For Tianjin the rates of contacts and zones "
        "that were measured there are "
        "replaced by low values with a CV of 1. Most outbreaks of the library came after January 2022: leave-one-out, not the "
        "knowledge of the day.\n"
        "- 各方案起点相同（示例城市的四级固定标准；+40%% 的起点也多 "
        "40%%），首日晚上一次订货由托底渠道在第三天早晨到货，此后每晚补到各自的水平，"
        "到货不超过生产企业日产量、第三天早晨到。“同样的钱”= 固定标准由四级升到三级所需的钱，用来使预计短缺日最少；“95%% "
        "标准”按引擎自己的标准订货，钱更多。\n"
        "- All start from the same stock (the example city's fixed standard of level 4; 40 %% more for +40 %%). The first "
        "evening's order comes on the third "
        "morning by the backstop channel; later each evening makes up the position within the makers' daily output, on the third "
        "morning. \"Same money\" is what raising "
        "the fixed standard from level 4 to 3 costs, spent so that the expected days short are fewest; \"its 95 %% standard\" "
        "spends more.\n"
        "- 短缺日 = 14 个重点品种中某品种某天不够的次数（12 天）。未满足 = 按价值的份额。库存 = 每晚平均在库（万元）。剩余 = "
        "期末在库和在途。过期 = 剩余中平日用不完的。"
        "价格见 data/demand/items.csv，部分为假设。固定标准的数量是示例，不是任何城市的真实标准。\n"
        "- Days short: one item of 14 short on one of 12 days. Unmet: share of the need by value. Stock: mean on hand in the "
        "evening, 10,000 yuan. Left: on hand and "
        "on order at the end. Expires: of that, what everyday use does not consume in time. Prices: data/demand/items.csv, some "
        "assumed. The fixed standard's quantities are "
        "examples, no city's real standard.\n\n");
}

static void put_run(struct bg_buf *out, const struct replay_run *r)
{
    bg_buf_print(out, "| 系数 use | 方案 policy | 短缺日 days short | 未满足 unmet | 库存 stock | 首晚订货 ordered | 剩余 left | "
                      "过期 expires |\n"
                      "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (int use = 0; use < REPLAY_USES; use++) {
        for (int p = 0; p < REPLAY_POLICIES; p++) {
            const struct replay_result *x = &r->result[use][p];
            bg_buf_print(out, "| %s %s | %s · %s | %d | %.1f %% | %.0f | %.0f | %.0f | %.0f |\n", use_zh[use], use_en[use],
                         policy_zh[p], policy_en[p], x->short_days, 100 * x->unmet, x->stock / 1e4, x->ordered / 1e4,
                         x->left / 1e4, x->waste / 1e4);
        }
    }
}

static void put_verdict(struct bg_buf *out, const struct replay_run *r)
{
    for (int use = 0; use < REPLAY_USES; use++) {
        const struct replay_result *fixed = &r->result[use][REPLAY_FIXED], *ours = &r->result[use][REPLAY_MONEY];
        const char *zh = ours->short_days < fixed->short_days
                             ? "更少"
                             : (ours->short_days == fixed->short_days ? "相同（未胜）" : "更多（输）");
        const char *en = ours->short_days < fixed->short_days
                             ? "fewer"
                             : (ours->short_days == fixed->short_days ? "as many (no gain)" : "more (lost)");
        bg_buf_print(out,
                     "- %s %s：短缺日 %d 对 %d，%s；库存 %.0f 对 %.0f。Days short %d against %d, %s; stock %.0f against %.0f.\n",
                     use_zh[use], use_en[use], ours->short_days, fixed->short_days, zh, ours->stock / 1e4, fixed->stock / 1e4,
                     ours->short_days, fixed->short_days, en, ours->stock / 1e4, fixed->stock / 1e4);
    }
}

static void put_orders(struct bg_buf *out, const struct tables *tables, const struct replay_run *r)
{
    bg_buf_print(out, "\n## 1 月 8 日晚的订货 · Orders on the evening of 8 January\n| 物资 item | 起点 start | 固定标准订 fixed "
                      "orders | 引擎订（同样的钱） engine, same money | "
                      "引擎订（95%%） engine, 95 %% | 12 天需求 need: 低 low | 中 middle | 高 high |\n| --- | --- | --- | --- | "
                      "--- | --- | --- | --- |\n");
    for (int i = 0; i < REPLAY_ITEMS; i++) {
        int item = tables_find_item(tables, bg_str_of(replay_items[i]));
        double need[REPLAY_USES] = { 0 };
        for (int use = 0; use < REPLAY_USES; use++) {
            for (int t = 0; t < REPLAY_DAYS; t++) {
                need[use] += r->need[use][t][i];
            }
        }
        bg_buf_print(out, "| %.*s %.*s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f |\n", BG_STR_FMT(tables->item[item].zh),
                     BG_STR_FMT(tables->item[item].en), r->start[REPLAY_FIXED][i],
                     r->target[REPLAY_FIXED][i] - r->start[REPLAY_FIXED][i],
                     r->target[REPLAY_MONEY][i] - r->start[REPLAY_MONEY][i], r->target[REPLAY_FULL][i] - r->start[REPLAY_FULL][i],
                     need[0], need[1], need[2]);
    }
}

static void put_others(struct bg_buf *out, const struct replay_run *runs, int count)
{
    int won[REPLAY_USES] = { 0 };
    for (int c = 1; c < count; c++) {
        for (int use = 0; use < REPLAY_USES; use++) {
            won[use] += fewer(&runs[c], use);
        }
    }
    bg_buf_print(
        out,
        "\n## 系列文件中的其他疫情 · The other outbreaks of the series file\n"
        "在一个 1,000 万人口的示例城市里（固定标准和产能按人口折算）。%d 次疫情中，短缺日更少且库存不多于固定标准的：低 %d、中 "
        "%d、高 %d。\n"
        "In an example city of 10 million (fixed standard and output scaled by residents). Fewer days short at no more stock "
        "than the fixed standard in %d "
        "outbreaks: low %d, middle %d, high %d. 其余见表（“–” 为未胜）· the rest stand in the table (\"–\": not won).\n\n"
        "| 疫情 outbreak | 12 天病例 cases | 低 low: 固定 fixed / +40 %% / 引擎 engine | 中 middle | 高 high | 库存比 stock "
        "ratio 低/中/高 |\n"
        "| --- | --- | --- | --- | --- | --- |\n",
        count - 1, won[0], won[1], won[2], count - 1, won[0], won[1], won[2]);
    for (int c = 1; c < count; c++) {
        const struct replay_run *r = &runs[c];
        bg_buf_print(out, "| %s | %lld |", r->name, (long long)r->cases);
        for (int use = 0; use < REPLAY_USES; use++) {
            const struct replay_result *x = r->result[use];
            bg_buf_print(out, " %d / %d / %d%s |", x[REPLAY_FIXED].short_days, x[REPLAY_PLUS40].short_days,
                         x[REPLAY_MONEY].short_days, fewer(r, use) ? "" : " –");
        }
        for (int use = 0; use < REPLAY_USES; use++) {
            bg_buf_print(out, "%s%.2f", use > 0 ? " / " : " ",
                         r->result[use][REPLAY_MONEY].stock / r->result[use][REPLAY_FIXED].stock);
        }
        bg_buf_print(out, " |\n");
    }
}

void replay_page(const struct tables *tables, const struct replay_run *runs, int count, struct bg_buf *out)
{
    put_method(out);
    bg_buf_print(out, "## 天津，2022 年 1 月 8 日 · Tianjin, 8 January 2022\n![图 picture](replay.svg)\n\n");
    put_run(out, &runs[0]);
    bg_buf_print(out, "\n本引擎（同样的钱）对固定标准 · The engine with the same money against the fixed standard:\n");
    put_verdict(out, &runs[0]);
    bg_buf_print(out, "\n数个短缺日之差是小数目，别读得过细。首晚的钱该用来降低什么，试过三种：短缺日（上表）、未满足的价值、未满"
                      "足的份额；后两种在天津低、中、高约为 "
                      "0、0、22 和 1、1、15 个短缺日；只看十二天而不是两周时，短缺日法为 0、1、15。+40%% "
                      "多花钱、多占库、多过期，短缺更少；引擎的 95%% 标准也多花钱。\n"
                      "The differences are a few item-days: do not read too much into them. Three aims for the first evening's "
                      "money were tried: days short (above), "
                      "value unmet, share of need unmet; the latter two gave about 0, 0, 22 and 1, 1, 15 days short in Tianjin "
                      "at low, middle, high; days short with a "
                      "look of twelve days instead of two weeks gave 0, 1, 15. +40 %% costs more, holds more, wastes more, and "
                      "is short less; the engine's 95 %% standard "
                      "costs more too.\n");
    put_orders(out, tables, &runs[0]);
    put_others(out, runs, count);
}

/* --- the picture --- */
static const char *const colours[REPLAY_POLICIES] = { "#8a6d00", "#6b6b6b", "#0b5cad", "#0a7a50" };
static const char *const dashes[REPLAY_POLICIES] = { "", "6 3", "", "2 3" };

static void put_text(struct bg_buf *out, double x, double y, int size, const char *text)
{
    bg_buf_print(out, "<text x=\"%.0f\" y=\"%.0f\" font-size=\"%d\">%s</text>\n", x, y, size, text);
}

/* Stock on hand of one item, a line a policy, and the needs as bars. */
static void put_panel(struct bg_buf *out, const struct replay_run *r, int use, int item, double left, double top,
                      const char *title)
{
    const double wide = 430, high = 190;
    double most = 1;
    for (int p = 0; p < REPLAY_POLICIES; p++) {
        for (int t = 0; t <= REPLAY_DAYS; t++) {
            most = fmax(most, r->hand[use][p][t][item]);
        }
    }
    put_text(out, left, top - 8, 14, title);
    bg_buf_print(out, "<rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" fill=\"none\" stroke=\"#bbb\"/>\n", left, top,
                 wide, high);
    for (int t = 1; t <= REPLAY_DAYS; t++) {
        double tall = fmin(1, r->need[use][t - 1][item] / most) * high, x = left + wide * (t - 0.5) / (REPLAY_DAYS + 1);
        bg_buf_print(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"%.1f\" fill=\"#d9d9d9\"/>\n", x, top + high - tall,
                     tall);
        bg_buf_print(out, "<text x=\"%.1f\" y=\"%.0f\" font-size=\"10\">%d</text>\n", x, top + high + 13, 8 + t);
    }
    for (int p = 0; p < REPLAY_POLICIES; p++) {
        bg_buf_print(out, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" points=\"",
                     colours[p], dashes[p]);
        for (int t = 0; t <= REPLAY_DAYS; t++) {
            bg_buf_print(out, "%.1f,%.1f ", left + wide * (t + 0.2) / (REPLAY_DAYS + 1),
                         top + high * (1 - r->hand[use][p][t][item] / most));
        }
        bg_buf_print(out, "\"/>\n");
    }
    bg_buf_print(out, "<text x=\"%.0f\" y=\"%.0f\" font-size=\"10\">%.0f</text>\n", left + 3, top + 11, most);
}

static void put_bars(struct bg_buf *out, const struct replay_run *r, double left, double top)
{
    double most = 1;
    for (int use = 0; use < REPLAY_USES; use++) {
        for (int p = 0; p < REPLAY_POLICIES; p++) {
            most = fmax(most, r->result[use][p].short_days);
        }
    }
    put_text(out, left, top - 8, 14, "短缺日 · days short (14 items × 12 days)");
    for (int use = 0; use < REPLAY_USES; use++) {
        for (int p = 0; p < REPLAY_POLICIES; p++) {
            double x = left + use * 300 + p * 60, tall = 110.0 * r->result[use][p].short_days / most;
            bg_buf_print(out, "<rect x=\"%.0f\" y=\"%.1f\" width=\"44\" height=\"%.1f\" fill=\"%s\"/>\n", x, top + 120 - tall,
                         tall + 1, colours[p]);
            bg_buf_print(out, "<text x=\"%.0f\" y=\"%.1f\" font-size=\"12\">%d</text>\n", x + 16, top + 115 - tall,
                         r->result[use][p].short_days);
        }
        bg_buf_print(out, "<text x=\"%.0f\" y=\"%.0f\" font-size=\"12\">系数%s · %s</text>\n", left + use * 300, top + 137,
                     use_zh[use], use_en[use]);
    }
}

void replay_picture(const struct tables *tables, const struct replay_run *r, struct bg_buf *out)
{
    static const int shown[4] = { 0, 9, 10, 6 }; /* coveralls, tubes, swabs, caps */
    bg_buf_print(out,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 800\" font-family=\"sans-serif\" role=\"img\">\n"
                 "<title>Replay of Tianjin, 8 January 2022: needs are simulated with stated coefficients</title>\n"
                 "<rect width=\"960\" height=\"800\" fill=\"#fff\"/>\n");
    put_text(out, 24, 28, 18, "天津 2022-01-08 回放：只知道 1 月 8 日 · Replay knowing only 8 January 2022");
    put_text(out, 24, 48, 12,
             "需求为模拟：公布的驱动量 × 注明来源的系数，不是实际用量 · Needs are simulated: published drivers × coefficients "
             "with sources; not what was used");
    for (int k = 0; k < 4; k++) {
        char title[300];
        int item = tables_find_item(tables, bg_str_of(replay_items[shown[k]]));
        (void)snprintf(title, sizeof title, "%.*s · %.*s（中档系数 · middle）", BG_STR_FMT(tables->item[item].zh),
                       BG_STR_FMT(tables->item[item].en));
        put_panel(out, r, TABLES_MIDDLE, shown[k], 24 + (k % 2) * 470, 90 + (k / 2) * 245, title);
    }
    put_bars(out, r, 24, 590);
    for (int p = 0; p < REPLAY_POLICIES; p++) {
        char words[120];
        (void)snprintf(words, sizeof words, "%s · %s", policy_zh[p], policy_en[p]);
        bg_buf_print(out,
                     "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\" stroke-dasharray=\"%s\"/>\n",
                     24 + (p % 2) * 460, 750 + (p / 2) * 18, 44 + (p % 2) * 460, 750 + (p / 2) * 18, colours[p], dashes[p]);
        put_text(out, 50 + (p % 2) * 460, 754 + (p / 2) * 18, 11, words);
    }
    put_text(out, 24, 790, 11,
             "灰柱：每日需求；线：晚间在库；横轴：1 月几日 · grey bars: need of the day; lines: on hand in the evening; axis: "
             "day of January");
    bg_buf_print(out, "</svg>\n");
}
