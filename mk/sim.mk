# The load client that the kill tests and the soak run drive the real server with.
LOAD := build/release/tests/tools/load
build/release/tests/tools/%.o: tests/tools/%.c | $(GEN) $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(LOAD): build/release/tests/tools/load.o build/release/tests/tools/setup.o build/release/libbaogong.a $(SQLITE_OBJ)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
load-tool: $(LOAD)
.PHONY: load-tool
test-now: load-tool
-include $(wildcard build/release/tests/tools/*.d)
