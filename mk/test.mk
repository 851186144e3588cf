# The two commands of the README, and the longer ones. Each installs first and then starts make again, so that what was just installed is seen.
PORT ?= 8080
.PHONY: run-now test-now fuzzers fuzzers-now
run:
	SQLITE=$(SQLITE) NO_WEB=$(NO_WEB) tools/deps.sh build
	$(MAKE) run-now
run-now: all
	tools/run.sh $(PORT)

test:
	SQLITE=$(SQLITE) NO_WEB=$(NO_WEB) tools/deps.sh test
	$(MAKE) lint
	$(MAKE) -j2 test-now
test-now: all
	$(MAKE) MODE=asan unit
	tools/test.sh

bench:
	SQLITE=$(SQLITE) NO_WEB=$(NO_WEB) tools/deps.sh test
	$(MAKE) all
	bench/run.sh
soak:
	SQLITE=$(SQLITE) NO_WEB=$(NO_WEB) tools/deps.sh test
	$(MAKE) all
	tests/soak.sh

# Fuzzers: clang's libFuzzer, one program a parser.
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/tests/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
fuzzers:
	$(MAKE) MODE=fuzz fuzzers-now
fuzzers-now: $(if $(filter fuzz,$(MODE)),$(FUZZERS))
build/fuzz/tests/fuzz_%: tests/fuzz/fuzz_%.c $(LIB) $(SQLITE_OBJ) | $(GEN)
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@.o $<
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $@.o $(LIB) $(SQLITE_OBJ) $(LDLIBS)

# Installs what was built: program, manual page, systemd unit and user. DESTDIR and PREFIX as usual.
PREFIX ?= /usr/local
.PHONY: install
install: all
	install -Dm755 build/baogong $(DESTDIR)$(PREFIX)/bin/baogong
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 && build/baogong man > $(DESTDIR)$(PREFIX)/share/man/man1/baogong.1
	install -Dm644 packaging/baogong.service $(DESTDIR)/usr/lib/systemd/system/baogong.service
	install -Dm644 packaging/baogong.sysusers $(DESTDIR)/usr/lib/sysusers.d/baogong.conf
