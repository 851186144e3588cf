# The test of failing allocations puts itself between the program (SQLite in it) and the heap.
$(B)/tests/test_memory: LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
