# What `make bench` needs besides the program: the HTTP load client and the raw group commit it is held against.
BENCH := $(B)/bench/load $(B)/bench/raw_commit
.PHONY: bench-tools
bench-tools: $(BENCH)
$(B)/bench/%: bench/%.c $(SQLITE_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=gnu2x -O2 -pthread -Wall -Wextra -o $@ $< $(SQLITE_OBJ) $(if $(filter system,$(SQLITE)),-lsqlite3) -lm
