# The reference files of the example city inside the program, so that `baogong demo` works anywhere.
CITY_FILES := $(sort $(wildcard data/tianjin-2022/*.csv))
CITY       := $(B)/gen/city
$(CITY)/city.S: tools/mkdata.sh $(CITY_FILES)
	@mkdir -p $(@D)
	sh tools/mkdata.sh $(@D) $(CITY_FILES)
$(CITY)/city.c: $(CITY)/city.S ;
$(CITY)/city_table.o: $(CITY)/city.c | $(GEN)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(CITY)/city_bytes.o: $(CITY)/city.S
	$(CC) -c -o $@ $<
GEN_OBJS += $(CITY)/city_table.o $(CITY)/city_bytes.o
$(LIB): $(CITY)/city_table.o $(CITY)/city_bytes.o
