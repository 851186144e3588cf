# The forecaster's vectors pass between inlined functions only; GCC's note on their ABI does not concern them.
$(B)/src/engine/forecast_step.o: CFLAGS += -Wno-psabi
# The hot loops of the demand fan are worth the compiler's full effort. Never -ffast-math: the bits must not depend on it.
ifeq ($(MODE),release)
$(B)/src/engine/demand_run.o $(B)/src/engine/demand_fan.o: CFLAGS += -O3
endif
# The page that shows how good the forecasts would have been.
.PHONY: backtest
backtest: build/baogong
	build/baogong epidemic backtest --all --markdown > docs/backtest.md
