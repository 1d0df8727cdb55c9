PYTHON ?= python3
PROFILE ?= demo
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TOOLS := build/tools
COMPILE := $(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes \
	--no-annotate --no-strip-extras --custom-compile-command "make lock" $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help venv report test lab sync rooms lock lint bench fuzz attack kaggle clean

help:  ## 列出所有目标
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(STAMP)  ## 建立 .venv，按 requirements.lock 安装（第二次不再重复）

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' \
		|| { echo "需要 Python 3.10 到 3.13；可用 make PYTHON=python3.12 指定"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

report: venv  ## 生成报告：make report，或 make report PROFILE=full ARGS="--set epochs=5"
	$(BIN)/cellseg report --profile $(PROFILE) $(ARGS)

test: venv  ## 运行全部测试并检查覆盖率
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --cov $(ARGS)

lab: venv  ## 在 JupyterLab 里打开笔记本（reports/lab 里的副本）
	$(BIN)/cellseg lab

sync: venv  ## 让笔记本的 .py 与 .ipynb（以 .py 为准）、README 的参数表保持一致
	$(BIN)/jupytext --update --to ipynb notebooks/[0-9]*.py
	$(BIN)/cellseg parameters --update README.md

rooms: venv  ## 由代码画出文件夹之间的关系：.github/rooms.svg
	$(BIN)/python .github/draw_rooms.py

lock:  ## 由 pyproject.toml 重新算出 requirements.lock；ARGS=--upgrade 时全部换成最新的版本
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .github/tools.lock
	$(COMPILE) pyproject.toml --extra dev --output-file requirements.lock
	$(COMPILE) .github/tools.in --output-file .github/tools.lock

lint: venv  ## 检查代码风格，以及文件夹之间的引用方向
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

bench: venv  ## 与对手在同一次运行里比较速度
	$(BIN)/python tests/benchmarks/bench_preprocessing.py
	$(BIN)/python tests/benchmarks/bench_training.py
	$(BIN)/python tests/benchmarks/bench_feeding.py
	$(BIN)/python tests/benchmarks/bench_prediction.py
	$(BIN)/python tests/benchmarks/bench_stardist.py $(if $(STARDIST),--stardist $(STARDIST))

fuzz: venv  ## 把改坏的文件喂给每个读取的地方：make fuzz N=10000（TARGETS="zip coco" 只喂几个）
	PYTHONPATH=tests $(BIN)/python -W ignore tests/fuzz/run_fuzz.py --number $(or $(N),1000) $(TARGETS)

attack: venv  ## 折腾软件：make attack ATTACK=kill_reports ARGS="--times 50"（其余见 tests/attacks/）
	PYTHONPATH=tests $(BIN)/python -W ignore -m attacks.$(or $(ATTACK),kill_reports) $(ARGS)

kaggle: venv  ## 打包给 Kaggle：build/kaggle/ 里的数据集与笔记本（ARGS="--profile demo --owner 用户名"）
	$(BIN)/cellseg kaggle $(ARGS)

clean:  ## 删除测试与工具留下的文件（不删报告、训练和 .venv）
	rm -rf .pytest_cache .ruff_cache .hypothesis .coverage build
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
