# baogong: plain GNU make.
#   make run      install what is missing, build, load the example city, serve it
#   make test     install what the tests need, build, run every test
#   make deps | all | web | bench | soak | lint | clean
#   MODE=release|asan|tsan|cov|fuzz   SQLITE=npm|system   NO_WEB=1   CC=gcc|clang   WERROR=1
MODE   ?= release
SQLITE ?= npm
NO_WEB ?=
WERROR ?=
B      := build/$(MODE)
CCACHE := $(shell command -v ccache 2>/dev/null)

PKGS := libmicrohttpd jansson libpq libsodium openssl zlib libbrotlienc libbrotlidec xlsxwriter libzip expat libutf8proc pangocairo
ifeq ($(SQLITE),system)
PKGS += sqlite3
endif
SQLITE_DIR := deps/node_modules/better-sqlite3/deps/sqlite3

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wcast-qual -Wswitch-enum
HARD := -fstack-protector-strong -fPIE -fno-plt -fno-strict-aliasing
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2
CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS_tsan    := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
CFLAGS_cov     := -O0 -g --coverage
CFLAGS_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
ifeq ($(MODE),fuzz)
CC := clang
endif
CFLAGS  := -std=gnu2x -pthread $(WARN) $(HARD) $(CFLAGS_$(MODE)) $(if $(WERROR),-Werror)
CPPFLAGS := -D_GNU_SOURCE -Isrc -I$(B) -Itests $(if $(filter npm,$(SQLITE)),-I$(SQLITE_DIR)) $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDFLAGS := -pie -Wl,-z,relro,-z,now -pthread $(CFLAGS_$(MODE))
LDLIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lzint -lm

# Default build: the program at build/baogong, whatever the mode of the objects.
.PHONY: all deps web run test bench soak lint clean FORCE
all: build/baogong

SRCS   := $(filter-out src/main.c,$(sort $(wildcard src/*/*.c)))
OBJS   := $(SRCS:%.c=$(B)/%.o)
GEN    := $(B)/gen/sql.h
LIB    := $(B)/libbaogong.a
SQLITE_OBJ := $(if $(filter npm,$(SQLITE)),$(B)/sqlite3.o)

-include mk/*.mk

build/baogong: $(B)/baogong
	ln -sf $(MODE)/baogong $@

$(B)/baogong: $(B)/src/main.o $(LIB) $(SQLITE_OBJ)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(LIB): $(OBJS) $(GEN_OBJS)
	rm -f $@ && ar rcs $@ $^

$(B)/%.o: %.c | $(GEN) $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Generated code: the tables of SQL statements and migrations.
SQL_FILES := $(sort $(wildcard src/*/*.sql) $(wildcard src/*/migrate/*.sql))
$(B)/tools/%: tools/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu2x -O1 -Wall -Wextra -o $@ $<
$(B)/gen/sql.h: $(B)/tools/mksql $(SQL_FILES) tools/layers.txt
	@mkdir -p $(@D)
	$(B)/tools/mksql $(B)/gen tools/layers.txt $(SQL_FILES)
$(B)/gen/sql.c: $(B)/gen/sql.h ;
$(B)/gen/sql.o: $(B)/gen/sql.c
	$(CCACHE) $(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
GEN_OBJS += $(B)/gen/sql.o
$(LIB): $(GEN_OBJS)

# SQLite's amalgamation (public domain) comes from a hash-locked npm package; nothing of it is committed.
SQLITE_FLAGS := -DSQLITE_THREADSAFE=2 -DSQLITE_DEFAULT_WAL_SYNCHRONOUS=2 -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_LOAD_EXTENSION \
  -DSQLITE_OMIT_SHARED_CACHE -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_DQS=0 -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_USE_ALLOCA \
  -DSQLITE_ENABLE_DBSTAT_VTAB -DSQLITE_TRUSTED_SCHEMA=0
$(SQLITE_DIR)/sqlite3.c: deps/package-lock.json
	tools/npm.sh deps
	touch $@
$(B)/sqlite3.o: $(SQLITE_DIR)/sqlite3.c Makefile
	@mkdir -p $(@D)
	$(CCACHE) $(CC) -O2 -g -fPIE -pthread $(SQLITE_FLAGS) $(if $(filter asan tsan,$(MODE)),$(CFLAGS_$(MODE))) -w -c -o $@ $<
ifeq ($(SQLITE),npm)
$(OBJS): | $(SQLITE_DIR)/sqlite3.c
endif

# Unit tests: one program a file, TAP for prove.
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
$(B)/tests/%: tests/unit/%.c $(LIB) $(SQLITE_OBJ) | $(GEN)
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -MT $@ -MF $@.d -c -o $@.o $<
	$(CC) $(LDFLAGS) -o $@ $@.o $(LIB) $(SQLITE_OBJ) $(LDLIBS)
.PHONY: unit
unit: $(UNIT)

deps:
	SQLITE=$(SQLITE) NO_WEB=$(NO_WEB) tools/deps.sh build
lint:
	tools/layers.sh
	perl tools/tidy.pl
clean:
	rm -rf build
-include $(OBJS:.o=.d) $(B)/src/main.d $(UNIT:%=%.d)
