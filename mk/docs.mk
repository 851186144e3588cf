# What is made from the table of routes and kept in the tree; tests/flow/openapi.mjs fails when it is stale.
.PHONY: types
types: build/baogong
	build/baogong openapi --typescript > web/src/api/types.ts
	build/baogong openapi --markdown > docs/api.md
