/* Base45: the examples of RFC 9285, then every pair of bytes and every group of three characters. */
#include "codec/base45.h"

#include <string.h>

#include "tap.h"

static bool both_ways(bg_str plain, const char *coded)
{
    BG_SCOPED_BUF out = bg_buf_init(1024);
    BG_SCOPED_BUF back = bg_buf_init(1024);
    base45_encode(plain, &out);
    return bg_str_is(bg_buf_str(&out), coded) && !bg_failed(base45_decode(NULL, bg_str_of(coded), &back)) &&
           bg_str_eq(bg_buf_str(&back), plain);
}

static bool refused(const char *coded)
{
    BG_SCOPED_BUF out = bg_buf_init(1024);
    return base45_decode(NULL, bg_str_of(coded), &out).code == BG_BASE45;
}

int main(void)
{
    OK(both_ways(BG_STR("AB"), "BB8"), "4.3 example 1");
    OK(both_ways(BG_STR("Hello!!"), "%69 VD92EX0"), "4.3 example 2");
    OK(both_ways(BG_STR("base-45"), "UJCLQE7W581"), "4.3 example 3");
    OK(both_ways(BG_STR("ietf!"), "QED8WEX0"), "4.4 example");
    OK(both_ways(BG_STR(""), ""), "nothing");
    OK(refused("GGW") && refused(":::") && refused("::"), "groups above 65535 and 255 (RFC 9285, 6)");
    OK(refused("A") && refused("BB8A") && refused("bb8") && refused("BB8\n") && refused("B=8"),
       "half groups and other characters");
    int wrong = 0;
    for (int value = 0; value < 65536; value++) {
        char pair[2] = { (char)(value >> 8), (char)value };
        BG_SCOPED_BUF out = bg_buf_init(16);
        BG_SCOPED_BUF back = bg_buf_init(16);
        base45_encode((bg_str){ pair, 2 }, &out);
        wrong += out.len != 3 || bg_failed(base45_decode(NULL, bg_buf_str(&out), &back)) || back.len != 2 ||
                 memcmp(back.at, pair, 2) != 0;
    }
    OK(wrong == 0, "every pair of bytes comes back");
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    int accepted = 0;
    for (int a = 0; a < 45; a++) {
        for (int b = 0; b < 45; b++) {
            for (int c = 0; c < 45; c++) {
                char text[4] = { alphabet[a], alphabet[b], alphabet[c], '\0' };
                accepted += !refused(text);
            }
        }
    }
    OK(accepted == 65536, "exactly 65,536 groups of three are accepted");
    return TAP_DONE();
}
