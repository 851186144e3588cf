# What the store's build tool is made of besides its own file.
$(B)/tools/mksql: tools/mksql_scan.h
