# The version, from the file VERSION, for the one object that prints it.
$(B)/src/cli/self.o: CPPFLAGS += -DBG_VERSION='"$(shell cat VERSION)"'
$(B)/src/cli/self.o: VERSION
