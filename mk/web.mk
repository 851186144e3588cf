# The web application: web/dist, built from the locked packages. NO_WEB=1 leaves it out and needs no Node.
WEB_FILES := $(shell find web/src web/public web/tools web/index.html web/package-lock.json web/tsconfig.json web/vite.config.ts data/regions -type f 2>/dev/null)
web: web/dist/index.html
web/dist/index.html: $(WEB_FILES) tools/web.sh
	tools/web.sh
