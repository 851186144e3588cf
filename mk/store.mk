# What the store's build tool is made of besides its own file.
$(B)/tools/mksql: tools/mksql_scan.h

# The tables are made anew also when a .sql file was taken away, which no time stamp tells.
$(B)/gen/sql.h: $(B)/gen/sql.list
$(B)/gen/sql.list: FORCE
	@mkdir -p $(@D)
	@echo '$(SQL_FILES)' | cmp -s - $@ || echo '$(SQL_FILES)' >$@
