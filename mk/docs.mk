# What is made from the table of routes and kept in the tree; tests/flow/openapi.mjs fails when it is stale.
.PHONY: types
types: build/baogong
	build/baogong openapi --typescript > web/src/api/types.ts
	build/baogong openapi --markdown > docs/api.md
# The manual page, from the table of commands: `man build/baogong.1`.
.PHONY: man
man: build/baogong.1
build/baogong.1: build/baogong
	build/baogong help --man > $@
