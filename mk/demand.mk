# The shipped tables of the demand model (data/demand/*.csv) inside the program.
DEMAND_FILES := $(foreach t,drivers staffing kits direct items,data/demand/$(t).csv)
$(B)/gen/demand.S: $(DEMAND_FILES) mk/demand.mk
	@mkdir -p $(@D)
	{ echo '    .section .rodata'; for f in $(DEMAND_FILES); do n=solve_table_$$(basename $$f .csv); \
	  printf '    .globl %s, %s_end\n%s:\n    .incbin "%s"\n%s_end:\n    .byte 0\n' $$n $$n $$n $$f $$n; done; \
	  echo '    .section .note.GNU-stack,"",@progbits'; } >$@.new
	mv $@.new $@
$(B)/gen/demand.o: $(B)/gen/demand.S
	$(CC) -c -o $@ $<
GEN_OBJS += $(B)/gen/demand.o
$(LIB): $(B)/gen/demand.o
