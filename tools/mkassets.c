/* mkassets OUT_DIR DIST_DIR: makes OUT_DIR/assets.S and assets.c, which embed every file of DIST_DIR compressed with brotli (quality
 * 11) and gzip (level 9), with media type and entity tag. A variant that saves nothing is left out, except gzip, which is always there. */
#include <brotli/encode.h>
#include <dirent.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#define FILES_MAX 2000

struct asset {
    char path[512]; /* "/assets/app.js" */
    size_t size, br, gz;
    char etag[17];
};

static struct asset assets[FILES_MAX];
static size_t count;

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "mkassets: %s: %s\n", what, name);
    exit(3);
}

static void *need(void *at)
{
    if (at == NULL) {
        fail("out of memory", "");
    }
    return at;
}

static void walk(const char *dist, const char *prefix)
{
    char folder[1024];
    snprintf(folder, sizeof folder, "%s%s", dist, prefix);
    struct dirent **list;
    int n = scandir(folder, &list, NULL, alphasort);
    if (n < 0) {
        fail("cannot read", folder);
    }
    for (int i = 0; i < n; i++) {
        const char *name = list[i]->d_name;
        char path[1024], full[2048];
        snprintf(path, sizeof path, "%s/%s", prefix, name);
        snprintf(full, sizeof full, "%s%s", dist, path);
        struct stat stat_;
        if (name[0] == '.' || stat(full, &stat_) != 0) {
            continue;
        }
        if (S_ISDIR(stat_.st_mode)) {
            walk(dist, path);
        } else if (count < FILES_MAX && strlen(path) < sizeof assets[0].path) {
            memcpy(assets[count++].path, path, strlen(path) + 1);
        } else {
            fail("too many files", full);
        }
    }
    for (int i = 0; i < n; i++) {
        free(list[i]);
    }
    free(list);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct asset *)a)->path, ((const struct asset *)b)->path);
}

static unsigned char *read_file(const char *name, size_t *size)
{
    FILE *in = fopen(name, "rb");
    struct stat stat_;
    if (in == NULL || fstat(fileno(in), &stat_) != 0) {
        fail("cannot read", name);
    }
    *size = (size_t)stat_.st_size;
    unsigned char *bytes = need(malloc(*size + 1));
    if (fread(bytes, 1, *size, in) != *size) {
        fail("cannot read", name);
    }
    fclose(in);
    return bytes;
}

static void write_file(const char *out, size_t number, const char *ending, const unsigned char *bytes, size_t size)
{
    char name[1200];
    snprintf(name, sizeof name, "%s/asset%zu.%s", out, number, ending);
    FILE *file = fopen(name, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        fail("cannot write", name);
    }
}

static size_t gzip(const unsigned char *bytes, size_t size, unsigned char *out, size_t room)
{
    z_stream z = { 0 };
    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
        fail("gzip", "");
    }
    z.next_in = (unsigned char *)bytes;
    z.avail_in = (unsigned)size;
    z.next_out = out;
    z.avail_out = (unsigned)room;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
        fail("gzip", "");
    }
    size_t made = z.total_out;
    deflateEnd(&z);
    return made;
}

static void compress_one(const char *out, const char *dist, size_t number)
{
    struct asset *asset = &assets[number];
    char full[2048];
    snprintf(full, sizeof full, "%s%s", dist, asset->path);
    unsigned char *bytes = read_file(full, &asset->size);
    size_t room = asset->size + asset->size / 8 + 1024;
    unsigned char *packed = need(malloc(room));
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(bytes, asset->size, digest);
    for (size_t i = 0; i < 8; i++) {
        snprintf(asset->etag + 2 * i, 3, "%02x", digest[i]);
    }
    asset->gz = gzip(bytes, asset->size, packed, room);
    write_file(out, number, "gz", packed, asset->gz);
    size_t made = room;
    if (!BrotliEncoderCompress(11, 22, BROTLI_MODE_GENERIC, asset->size, bytes, &made, packed)) {
        fail("brotli", full);
    }
    asset->br = made < asset->gz ? made : 0;
    if (asset->br > 0) {
        write_file(out, number, "br", packed, asset->br);
    }
    free(packed);
    free(bytes);
}

static const char *media_of(const char *path)
{
    static const char *const known[][2] = {
        { ".html", "text/html; charset=utf-8" },
        { ".js", "text/javascript; charset=utf-8" },
        { ".css", "text/css; charset=utf-8" },
        { ".json", "application/json" },
        { ".svg", "image/svg+xml" },
        { ".wasm", "application/wasm" },
        { ".png", "image/png" },
        { ".webmanifest", "application/manifest+json" },
        { ".ico", "image/x-icon" },
        { ".txt", "text/plain; charset=utf-8" },
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(dot, known[i][0]) == 0) {
            return known[i][1];
        }
    }
    return "application/octet-stream";
}

static FILE *open_out(const char *out, const char *name)
{
    char path[1200];
    snprintf(path, sizeof path, "%s/%s", out, name);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fail("cannot write", path);
    }
    return file;
}

static void incbin(FILE *s, const char *out, size_t number, const char *ending)
{
    fprintf(s, ".global asset%zu_%s\n.balign 16\nasset%zu_%s:\n.incbin \"%s/asset%zu.%s\"\n", number, ending, number, ending, out,
            number, ending);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: mkassets OUT_DIR DIST_DIR\n");
        return 2;
    }
    const char *out = argv[1], *dist = argv[2];
    walk(dist, "");
    qsort(assets, count, sizeof assets[0], by_path);
    FILE *s = open_out(out, "assets.S"), *c = open_out(out, "assets.c");
    fprintf(s, ".section .rodata\n");
    fprintf(c, "/* Made by tools/mkassets from %s. */\n#include \"api/assets.h\"\n\n", dist);
    for (size_t i = 0; i < count; i++) {
        compress_one(out, dist, i);
        incbin(s, out, i, "gz");
        fprintf(c, "extern const uint8_t asset%zu_gz[];\n", i);
        if (assets[i].br > 0) {
            incbin(s, out, i, "br");
            fprintf(c, "extern const uint8_t asset%zu_br[];\n", i);
        }
    }
    fprintf(c, "\nconst struct http_asset assets_list[] = {\n");
    for (size_t i = 0; i < count; i++) {
        const struct asset *a = &assets[i];
        bool hashed = strncmp(a->path, "/assets/", 8) == 0;
        fprintf(c, "    { \"%s\", \"%s\", \"%s\", ", a->path, media_of(a->path), a->etag);
        if (a->br > 0) {
            fprintf(c, "asset%zu_br, ", i);
        } else {
            fprintf(c, "0, ");
        }
        fprintf(c, "asset%zu_gz, %zu, %zu, %zu, %s },\n", i, a->br, a->gz, a->size, hashed ? "true" : "false");
    }
    fprintf(c, "};\nconst size_t assets_count = %zu;\n", count);
    fprintf(s, ".section .note.GNU-stack,\"\",%%progbits\n");
    if (fclose(s) != 0 || fclose(c) != 0) {
        fail("cannot write", out);
    }
    return 0;
}
