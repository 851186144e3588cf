/* First letters of Chinese characters, for finding a name by its initials. */
#include "record/inside.h"

#include <string.h>

#define FIRST 0x4e00
#define LAST 0x9fa5

static const char letters[] =
#include "record/pinyin.def"
    ;
_Static_assert(sizeof letters == LAST - FIRST + 2, "one letter a character");

/* Characters that names of goods, places and people read in two ways with different letters, and those letters. */
static const struct {
    int32_t point;
    char both[3];
} others[] = {
    /* clang-format off */
    { 0x91cd, "zc" }, /* 重 */ { 0x957f, "cz" }, /* 长 */ { 0x884c, "xh" }, /* 行 */ { 0x85cf, "cz" }, /* 藏 */
    { 0x4e50, "ly" }, /* 乐 */ { 0x5355, "ds" }, /* 单 */ { 0x66fe, "cz" }, /* 曾 */ { 0x4f1a, "hk" }, /* 会 */
    { 0x53a6, "sx" }, /* 厦 */ { 0x53c2, "cs" }, /* 参 */ { 0x76db, "sc" }, /* 盛 */ { 0x6821, "xj" }, /* 校 */
    { 0x8c03, "td" }, /* 调 */ { 0x4ec7, "cq" }, /* 仇 */ { 0x533a, "qo" }, /* 区 */ { 0x6734, "pb" }, /* 朴 */
    { 0x89e3, "jx" }, /* 解 */ { 0x67e5, "cz" }, /* 查 */ { 0x79cd, "zc" }, /* 种 */ { 0x77f3, "sd" }, /* 石 */
    { 0x5c4f, "pb" }, /* 屏 */ { 0x5f39, "dt" }, /* 弹 */ { 0x4f20, "cz" }, /* 传 */ { 0x7cfb, "xj" }, /* 系 */
    { 0x964d, "jx" }, /* 降 */ { 0x58f3, "kq" }, /* 壳 */ { 0x7387, "ls" }, /* 率 */ { 0x6cca, "bp" }, /* 泊 */
    { 0x868c, "bp" }, /* 蚌 */ { 0x5df7, "xh" }, /* 巷 */ { 0x671d, "cz" }, /* 朝 */ { 0x5e7f, "ga" }, /* 广 */
    { 0x7fdf, "dz" }, /* 翟 */ { 0x5c09, "wy" }, /* 尉 */ { 0x8f66, "cj" }, /* 车 */ { 0x5708, "qj" }, /* 圈 */
    { 0x7701, "sx" }, /* 省 */ { 0x5c5e, "sz" }, /* 属 */ { 0x672f, "sz" }, /* 术 */ { 0x6298, "zs" }, /* 折 */
    { 0x6b96, "zs" }, /* 殖 */ { 0x8bc6, "sz" }, /* 识 */ { 0x5947, "qj" }, /* 奇 */ { 0x671f, "qj" }, /* 期 */
    { 0x6c0f, "sz" }, /* 氏 */ { 0x4fe1, "xs" }, /* 信 */ { 0x7ed9, "gj" }, /* 给 */ { 0x5408, "hg" }, /* 合 */
    { 0x963f, "ae" }, /* 阿 */ { 0x5361, "kq" }, /* 卡 */ { 0x5939, "jg" }, /* 夹 */ { 0x8d3e, "jg" }, /* 贾 */
    { 0x796d, "jz" }, /* 祭 */ { 0x94c5, "qy" }, /* 铅 */ { 0x5bbf, "sx" }, /* 宿 */ { 0x53f6, "yx" }, /* 叶 */
    { 0x6f84, "cd" }, /* 澄 */ { 0x6c88, "sc" }, /* 沈 */ { 0x63d0, "td" }, /* 提 */ { 0x8f67, "yz" }, /* 轧 */
    { 0x66b4, "bp" }, /* 暴 */ { 0x4fbf, "bp" }, /* 便 */ { 0x6241, "bp" }, /* 扁 */ { 0x8180, "bp" }, /* 膀 */
    { 0x79d8, "mb" }, /* 秘 */ { 0x9002, "sk" }, /* 适 */ { 0x81ed, "cx" }, /* 臭 */ { 0x755c, "cx" }, /* 畜 */
    { 0x56e4, "td" }, /* 囤 */ { 0x5496, "kg" }, /* 咖 */ { 0x4f3d, "gj" }, /* 伽 */ { 0x8304, "qj" }, /* 茄 */
    { 0x867e, "xh" }, /* 虾 */ { 0x5413, "xh" }, /* 吓 */ { 0x7ea4, "xq" }, /* 纤 */ { 0x7c98, "zn" }, /* 粘 */
    { 0x7ca5, "zy" }, /* 粥 */ { 0x690e, "zc" }, /* 椎 */ { 0x5e62, "cz" }, /* 幢 */ { 0x57d4, "bp" }, /* 埔 */
    { 0x5821, "bp" }, /* 堡 */ { 0x7011, "pb" }, /* 瀑 */ { 0x66dd, "bp" }, /* 曝 */ { 0x8f9f, "bp" }, /* 辟 */
    { 0x88e8, "bp" }, /* 裨 */ { 0x5228, "pb" }, /* 刨 */ { 0x70ae, "pb" }, /* 炮 */ { 0x5239, "sc" }, /* 刹 */
    { 0x5319, "cs" }, /* 匙 */ { 0x712f, "cz" }, /* 焯 */ { 0x9f9f, "gj" }, /* 龟 */ { 0x7cb3, "jg" }, /* 粳 */
    { 0x9888, "jg" }, /* 颈 */ { 0x77dc, "jq" }, /* 矜 */ { 0x7f09, "jq" }, /* 缉 */ { 0x9a91, "qj" }, /* 骑 */
    { 0x6d3d, "qx" }, /* 洽 */ { 0x8368, "qx" }, /* 荨 */ { 0x8398, "sx" }, /* 莘 */ { 0x9642, "bp" }, /* 陂 */
    { 0x756a, "fp" }, /* 番 */ { 0x7b60, "yj" }, /* 筠 */ { 0x5cd2, "td" }, /* 峒 */ { 0x4f97, "dt" }, /* 侗 */
    { 0x606b, "dt" }, /* 恫 */
    /* clang-format on */
};

int pinyin_letters(int32_t point, char ret[2])
{
    if (point < FIRST || point > LAST || letters[point - FIRST] == '.') {
        return 0;
    }
    ret[0] = letters[point - FIRST];
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (others[i].point == point) {
            ret[1] = others[i].both[0] == ret[0] ? others[i].both[1] : others[i].both[0];
            return 2;
        }
    }
    return 1;
}

size_t record_initials(bg_str text, struct bg_arena *arena, bg_str ret[4])
{
    size_t count = 1, pos = 0;
    char *at[4];
    for (int i = 0; i < 4; i++) {
        at[i] = bg_arena_get(arena, text.len + 1);
        if (at[i] == NULL) {
            return 0;
        }
        ret[i] = (bg_str){ at[i], 0 };
    }
    while (pos < text.len) {
        char two[2];
        int32_t point = bg_utf8_next(text, &pos);
        int readings = pinyin_letters(point, two);
        bool plain = (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9');
        if (point >= 'A' && point <= 'Z') {
            point += 'a' - 'A';
            plain = true;
        }
        if (readings == 0 && !plain) {
            continue;
        }
        if (readings == 2 && count <= 2) { /* every text so far once more, with the other reading */
            for (size_t i = 0; i < count; i++) {
                memcpy(at[count + i], at[i], ret[i].len);
                ret[count + i].len = ret[i].len;
                at[count + i][ret[count + i].len++] = two[1];
            }
        }
        for (size_t i = 0; i < count; i++) {
            at[i][ret[i].len++] = readings > 0 ? two[0] : (char)point;
        }
        count += readings == 2 && count <= 2 ? count : 0;
    }
    return count;
}
