# Every target installs what it lacks; see the README.
.PHONY: demo truth test faults flood redact sim lint bench peers soak walks dictionary release cross setup clean

SECONDS ?= 120
CARGO ?= cargo
export CROSS_CONFIG := cross.toml

# The main job on an embedded default: simulated store, real agent, a broker started for you.
demo:
	$(CARGO) build --locked --bin tillgate
	$(CARGO) run --locked --quiet -p tillgate-sim --bin tillgate-demo -- \
		--agent target/debug/tillgate --seconds $(SECONDS)

# A simulated store's DAYS through the built agent and a real broker, held against the truth (docs/simulation.md).
# `FAULTS=1` restarts the broker, unplugs lines and kills the agent, `JSON=1` tells it to machines, `SPEED=10` is ten
# times the store's own time instead of as fast as it is read.
DAYS ?= 1
truth: setup
	$(CARGO) build --locked --bin tillgate
	$(CARGO) run --locked --quiet -p tillgate-sim --bin tillgate-sim -- truth --agent target/debug/tillgate \
		--days $(DAYS) --seed $(or $(SEED),7) $(if $(SPEED),--speed $(SPEED)) $(if $(FAULTS),--faults) $(if $(JSON),--json)

# All tests. Installs Mosquitto, dbus-daemon and systemd-analyze where apt can.
test: setup
	$(CARGO) test --locked --workspace

# Faults around the built agent (SECURITY.md): kills, power cuts, full and failing disks, damaged files, rude networks.
# ROWS=3,17 plays only these, AGENT=/usr/bin/tillgate another binary; as root it can do more.
ROUNDS ?= 40
AGENT ?= target/debug/tillgate
ARGUMENTS = --agent $(AGENT) --rounds $(ROUNDS) $(if $(ROWS),--rows $(ROWS)) $(if $(SEED),--seed $(SEED)) $(if $(JSON),--json)
faults:
	bash .ci/setup.sh faults
	$(CARGO) build --locked --bin tillgate
	$(CARGO) run --locked --quiet -p tillgate-sim --bin tillgate-faults -- $(ARGUMENTS)

# Looks for CASES random card numbers in what the redactor lets through. `SEED=…` repeats a run.
CASES ?= 20000000
redact:
	CASES=$(CASES) CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=3 \
	CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
	$(CARGO) test --locked --release -p tillgate --lib -- redact::tests::random --nocapture

# The whole gateway on virtual time under SEEDS seeds of faults. `SEED=…` repeats one, told step by step.
SEEDS ?= 2000
sim:
	SEEDS=$(SEEDS) CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=3 \
	CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
	$(CARGO) run --locked --release --quiet -p tillgate-faults

# Simulated walks with known truth: who says best in which zone a tag is (docs/presence.md). SEEDS walks in each case,
# on floors and seeds that no parameter was chosen by; `TUNE=--tune` takes those that they were chosen by.
walks: SEEDS = 200
walks:
	$(CARGO) build --locked --quiet -p tillgate-walks
	target/debug/tillgate-walks compare --seeds $(SEEDS) $(TUNE)

# The picture in docs/presence.md: a simulated walk, put through the agent's own replay.
docs/visit.svg: crates/walks/src/floor.toml
	$(CARGO) build --locked --quiet --bin tillgate
	$(CARGO) build --locked --quiet -p tillgate-walks
	target/debug/tillgate-walks record -o target/walk.jsonl
	target/debug/tillgate replay target/walk.jsonl --zones $< --visit walker --svg $@

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	bash .ci/deny.sh

# Prints the figures that the README shows.
bench: setup
	$(CARGO) build --locked --release --bin tillgate
	cp target/release/tillgate target/tillgate-released
	TILLGATE=$(CURDIR)/target/tillgate-released $(CARGO) bench --locked --bench figures

# The same lines through other ways to MQTT, beside ours; writes docs/peers.md and docs/peers.svg. Others are installed
# below target/. `make peers ROUNDS=1 PEERS="--only tillgate --json"` is a short one.
ROUNDS ?= 3
PEERS ?=
peers: setup
	$(CARGO) build --locked --release --bin tillgate
	cp target/release/tillgate target/tillgate-released
	$(CARGO) build --locked --profile measure -p tillgate-sim --bin tillgate-peers
	bash crates/sim/src/peers/files/install.sh $(CURDIR)/target/peers
	nice -n -5 target/measure/tillgate-peers --agent target/tillgate-released --folder target/peers \
		--output docs --rounds $(ROUNDS) $(PEERS)

# The released agent in 64 MB for MINUTES with everything going wrong, then the judgement; writes docs/soak.svg. As root,
# which the memory cgroup needs. `SEED=…` repeats a run, `JSON=1` tells it to machines.
MINUTES ?= 30
soak: setup
	$(CARGO) build --locked --release --bin tillgate
	cp target/release/tillgate target/tillgate-released
	$(CARGO) build --locked --profile measure -p tillgate-sim --bin tillgate-soak
	target/measure/tillgate-soak --agent target/tillgate-released --minutes $(MINUTES) --picture docs/soak.svg \
		$(if $(SEED),--seed $(SEED)) $(if $(JSON),--json)

# Trains the dictionary that batches are packed with and measures it (docs/batch.md). Only before its number is released:
# then add the next one. Its SHA-256 goes into docs/batch.md and crates/events/tests/it/dictionary.rs.
DICTIONARY = CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=3 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
	$(CARGO) run --locked --release --quiet -p tillgate-dictionary --
dictionary:
	$(DICTIONARY) train
	$(DICTIONARY) measure

# A till beside 5,000 strangers' advertisements a second, without and with them in turns (docs/presence.md). `JSON=1`,
# `RATE=…` and `SECONDS=…` of each turn.
flood: SECONDS = 20
flood: setup
	$(CARGO) build --locked --release --bin tillgate
	cp target/release/tillgate target/tillgate-released
	$(CARGO) build --locked --profile measure -p tillgate-sim --bin tillgate-sim
	target/measure/tillgate-sim flood --agent target/tillgate-released --seconds $(SECONDS) \
		$(if $(RATE),--rate $(RATE)) $(if $(JSON),--json)

release:
	$(CARGO) build --locked --release --bin tillgate
	bash .ci/check-binary.sh target/release/tillgate

# arm64 and armv7 in containers; `cross` reads the lower-case cross.toml only through CROSS_CONFIG.
cross:
	cross build --locked --release --target aarch64-unknown-linux-gnu --bin tillgate
	cross build --locked --release --target armv7-unknown-linux-gnueabihf --bin tillgate

setup:
	bash .ci/setup.sh

clean:
	$(CARGO) clean
