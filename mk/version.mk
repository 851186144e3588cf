# The version, from the file VERSION, for the one object that holds it.
$(B)/src/api/version.o: CPPFLAGS += -DBG_VERSION='"$(shell cat VERSION)"'
$(B)/src/api/version.o: VERSION
