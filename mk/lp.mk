# The solver's headers (EPL; the libraries are loaded at run time, in a child process). NO_COIN=1 builds without them.
CPPFLAGS += $(if $(NO_COIN),-DBG_NO_COIN)
