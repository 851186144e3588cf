# What `make bench` needs besides the program: the HTTP load client, and the raw group commit and the static HTTP it is held against.
BENCH := $(B)/bench/load $(B)/bench/raw_commit $(B)/bench/static_http $(B)/bench/fan $(B)/bench/netshape $(B)/bench/dispatch \
  $(if $(wildcard /usr/include/lemon/network_simplex.h),$(B)/bench/lemon_flow)
.PHONY: bench-tools bench-large
bench-tools: $(BENCH)
$(B)/bench/static_http: bench/static_http.c
	@mkdir -p $(@D)
	$(CC) -std=gnu2x -O2 -Wall -Wextra -o $@ $< -lmicrohttpd
$(B)/bench/fan: bench/fan.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=gnu2x -O2 -pthread -Wall -Wextra -o $@ $< $(LIB) -lm
$(B)/bench/dispatch: bench/dispatch.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=gnu2x -O2 -pthread -Wall -Wextra -o $@ $< $(LIB) -lm
$(B)/bench/lemon_flow: bench/lemon_flow.cc
	@mkdir -p $(@D)
	$(CXX) -O2 -o $@ $< -llemon
$(B)/bench/%: bench/%.c $(SQLITE_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=gnu2x -O2 -pthread -Wall -Wextra -o $@ $< $(SQLITE_OBJ) $(if $(filter system,$(SQLITE)),-lsqlite3) -lm
# The bars at ten million movements: some 9 GB and the better part of an hour, kept in BENCH_LARGE_DIR when that is given.
bench-large:
	SQLITE=$(SQLITE) NO_WEB=$(NO_WEB) tools/deps.sh build
	$(MAKE) all
	bench/run.sh large
