# The forecaster's vectors pass between inlined functions only; GCC's note on their ABI does not concern them.
$(B)/src/engine/forecast_step.o: CFLAGS += -Wno-psabi
