# The commands to know. Each sets up what it needs first; a second run takes a moment.
PYTHON ?= python3
PORT ?= 8000
export PORT

BOOTSTRAP = $(PYTHON) -I sip_portal/bootstrap.py
BIN = .venv/bin

.PHONY: help setup run test test-all check fix lock

help:
	@echo "make setup     the environment in .venv, and the front-end files"
	@echo "make run       the demonstration on http://127.0.0.1:$(PORT) (PORT=8001 for another port)"
	@echo "make test      the tests, on SQLite and, what differs there, on PostgreSQL"
	@echo "make test-all  every test on both databases, and the real data files where present"
	@echo "make check     style, types, imports, templates, migrations, deployment settings"
	@echo "make fix       what can be put right by a program"
	@echo "make lock      compile requirements/ from pyproject.toml (UPGRADE=1 for newer versions)"

setup:
	@$(BOOTSTRAP) setup

run:
	@$(BOOTSTRAP) run

test:
	@$(BOOTSTRAP) dev
	@$(BIN)/python -m tests.run

test-all:
	@$(BOOTSTRAP) dev
	@$(BIN)/python -m tests.run --all

check:
	@$(BOOTSTRAP) dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check $$(git ls-files '*.html')
	$(BIN)/djhtml --tabwidth 2 --check $$(git ls-files 'templates/*.html')
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/lint-imports --cache-dir var/import-linter
	SIP_ENV=demo $(BIN)/mypy
	SIP_ENV=demo $(BIN)/python manage.py makemigrations --check --dry-run
	@echo "manage.py check --deploy, with production values"
	@SIP_ENV=production SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
		ALLOWED_HOSTS=portal.example PORTAL_URL=https://portal.example \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

fix:
	@$(BOOTSTRAP) dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-$(BIN)/djade $$(git ls-files '*.html')
	-$(BIN)/djhtml --tabwidth 2 $$(git ls-files 'templates/*.html')

lock:
	@$(BOOTSTRAP) lock $(if $(UPGRADE),--upgrade)
