# The web application inside the program: web/dist compressed and embedded, or with NO_WEB=1 one page that says that it was left out.
WEB_DIST := $(if $(NO_WEB),web/none,web/dist)
$(B)/tools/mkassets: tools/mkassets.c
	@mkdir -p $(@D)
	$(CC) -std=gnu2x -D_GNU_SOURCE -O1 -Wall -Wextra -o $@ $< -lbrotlienc -lz -lcrypto
# The name holds which of the two it is, so that changing NO_WEB rebuilds.
ASSETS := $(B)/gen/$(if $(NO_WEB),none,web)
$(ASSETS)/assets.c: $(B)/tools/mkassets $(WEB_DIST)/index.html
	@mkdir -p $(@D)
	$(B)/tools/mkassets $(@D) $(WEB_DIST)
$(ASSETS)/assets.S: $(ASSETS)/assets.c ;
$(ASSETS)/assets_table.o: $(ASSETS)/assets.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(ASSETS)/assets_bytes.o: $(ASSETS)/assets.S
	$(CC) -c -o $@ $<
GEN_OBJS += $(ASSETS)/assets_table.o $(ASSETS)/assets_bytes.o
