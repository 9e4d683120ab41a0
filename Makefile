# SPDX-License-Identifier: GPL-2.0
# The front of the build rig; the work is in tools/rig. "make help" lists what there is.

## Variables:
##   BASE=7       the newest Linux 7.N of Debian as the base, in build/7 (default: 6.12, in build);
##                6.18 with KSRC= is for vtdsim alone
##   KSRC=DIR     another source tree of that Linux as the base, instead of Debian's package
##   KCONFIG=FILE for "make image": kernel options to add, as in a .config
##   CONFIG=FILE  for "make deb": a distribution's configuration to build the kernel with
##   J=N          parallel jobs (default: the number of CPUs)
##   V=1          show all output of long steps
##   ACCEL=kvm    run VMs with KVM where it works (default: tcg, which works everywhere)
##   PROG="..."   for "make run": the program of the initramfs and its arguments
##   KOPT="..."   for "make run" and "make shell": more kernel options
##   SECONDS=N    for "make fuzz" and "make fuzz-vunit": how long (default: 60)
##   SEED=S       for "make fuzz": the first program (default: 1)
##   QUICK=1      for "make bench": few measurements; no locks, interrupts and guests
##   ROUNDS=N     for "make bench": how often each side runs (default: 2)
##   PEER=kernel  for "make bench": a base's kernel of its own instead of a boot option
##   LIST=vtdsim  for "make mutants": break the simulated unit (default: nested, the extension); or
##                vunit, the VT-d unit for guests
##   NAMES="..."  for "make mutants": only these, whatever became of them before
##   CHECK=1      for "make series": apply the series, and compile after each patch
##   PAGE=1       for "make bench" and "make bench-qemu": put the figures into the documentation, too
##   PARTS="..."  for "make test-deep": only these, see tools/rig/deep.sh
##   DEEP=1       for "make test-vmm": all kinds of guests without a first stage, and their guests
##   KERNEL=...   for "make run" and "make shell": demo (default), lean,
##                lean-base or debug; for "make fuzz": lean (default) or debug
BASE ?= 6.12
KSRC ?=
KCONFIG ?=
CONFIG ?=
J ?= $(shell nproc)
V ?= 0
ACCEL ?= tcg
PROG := nesting-demo
KOPT :=
KERNEL := demo
SECONDS := 60
SEED := 1
QUICK := 0
ROUNDS := 2
PEER := option
CHECK := 0
LIST := nested
NAMES :=
PAGE := 0
DEEP := 0
PARTS :=
export BASE KSRC KCONFIG CONFIG J V ACCEL

BUILD := build$(if $(filter-out 6.12,$(BASE)),/$(BASE))

RIG := tools/rig

.DEFAULT_GOAL := kernel
.PHONY: packages checkers tree headers initramfs kernel kernel-base kernel-debug run shell image \
	mutants coverage test test-deep test-watchful test-differential test-vmm test-image \
	test-elsewhere deb test-deb \
	fuzz fixes fuzz-vunit bench bench-qemu picture check patch series \
	htmldocs clean distclean help
# The kernel's own make has the parallel jobs.
.NOTPARALLEL:

packages: ## install what the build needs from the distribution, if anything is missing
	@$(RIG)/packages.sh

# What only the static checks and the documentation need.
checkers:
	@$(RIG)/packages.sh sparse shellcheck python3-sphinx graphviz

tree: packages ## lay the overlay and the hooks over a pristine base: build/tree
	@$(RIG)/tree.sh

headers: tree
	@$(RIG)/headers.sh

initramfs: headers ## build the user programs and the initramfs
	@$(RIG)/initramfs.sh

kernel: tree ## build the kernel for measurement and for guests: build/obj-lean (default target)
	@$(RIG)/kernel.sh lean

kernel-base: tree ## the same with INTEL_IOMMU_NESTED=n, the base's own nesting: build/obj-lean-base
	@$(RIG)/kernel.sh lean-base

kernel-debug: tree ## build the kernel for tests, with KASAN and lockdep: build/obj-debug
	@$(RIG)/kernel.sh debug

run: headers ## show the demonstration in a VM
	@$(RIG)/initramfs.sh run
	@$(RIG)/kernel.sh $(KERNEL)
	@$(RIG)/vm.sh -i $(BUILD)/initramfs-run.cpio.gz -k '$(KOPT)' run $(KERNEL) run $(PROG)

shell: initramfs ## an interactive shell in a VM; Ctrl-A x ends it
	@$(RIG)/kernel.sh $(KERNEL)
	@$(RIG)/vm.sh -k '$(KOPT)' shell $(KERNEL) shell

image: tree ## a VM to run programs of this machine in: build/image, with build/image/vtd-vm
	@$(RIG)/image.sh

test: checkers ## run all tests; the last line is their sum
	@$(RIG)/test.sh

test-deep: checkers ## the tests that take hours; what has passed is not run again
	@$(RIG)/packages.sh gcovr
	@$(RIG)/test.sh deep $(PARTS)

test-watchful: packages ## the part of test that provokes complaints of the kernel
	@$(RIG)/test.sh watchful

test-differential: packages ## the part of test that compares vtdsim with QEMU's own VT-d unit
	@$(RIG)/test.sh differential

test-vmm: packages ## the part of test with guests in Debian's newest QEMU, in a VM
	@DEEP='$(DEEP)' $(RIG)/test.sh vmm

test-image: packages ## the part of test that runs programs of this machine with vtd-vm
	@$(RIG)/test.sh image

mutants: initramfs ## break the code, one small thing at a time: does a test notice? build/mutants
	@$(RIG)/mutants.sh $(LIST) $(NAMES)

coverage: initramfs ## count the lines and branches of the drivers that tests reach: build/coverage
	@$(RIG)/packages.sh gcovr
	@$(RIG)/coverage.sh

test-elsewhere: packages ## the part of test with I/O of devices that never nest
	@$(RIG)/test.sh elsewhere

deb: initramfs image ## Debian packages of the kernel and the tools: build/deb
	@$(RIG)/packages.sh dpkg-dev debhelper cpio kmod
	@$(RIG)/deb.sh

test-deb: deb ## install the packages in a fresh Debian, boot it, and remove them again
	@$(RIG)/packages.sh mmdebstrap e2fsprogs
	@$(RIG)/deb_check.sh

bench: initramfs ## measure nesting, this project's and the base's: build/bench
	@$(RIG)/kernel.sh lean
ifeq ($(QUICK),0)
	@$(RIG)/kernel.sh trace
endif
ifeq ($(PEER),kernel)
	@$(RIG)/kernel.sh lean-base
endif
	@QUICK='$(QUICK)' ROUNDS='$(ROUNDS)' PEER='$(PEER)' PAGE='$(PAGE)' $(RIG)/bench.sh

picture: run ## draw the pictures of README.md: from this run, and from the page about performance
	@$(RIG)/picture.py run $(BUILD)/log/run.out $(RIG)/pictures/run.svg
	@$(RIG)/picture.py bench Documentation/driver-api/iommu-vtd/performance.rst $(RIG)/pictures/bench.svg

bench-qemu: initramfs ## measure what nesting buys over shadowing, with QEMU and libvunit: build/bench-qemu
	@$(RIG)/kernel.sh lean
	@PAGE='$(PAGE)' $(RIG)/qemu_bench.sh

fuzz: initramfs ## run random programs of ioctls, guests' tables and DMA, in a VM
	@$(RIG)/kernel.sh $(KERNEL:demo=lean)
	@$(RIG)/vm.sh -k 'kunit.enable=0 vtdsim=on,endpoints=3 $(KOPT)' fuzz $(KERNEL:demo=lean) \
		run /tests/vtd_fuzz --seed $(SEED) --seconds $(SECONDS)

fixes: initramfs ## with BASE=7: prove the fixes of tools/rig/fixes, and write them to build/7/fixes
	@$(RIG)/fixes.sh

fuzz-vunit: headers ## look for guests that break tools/iommu/vunit, with clang's libFuzzer
	@$(RIG)/packages.sh clang libclang-rt-dev
	@mkdir -p build/user/vunit
	@$(MAKE) -s -C build/tree/tools/iommu/vunit OUT=$(CURDIR)/build/user/vunit \
		HDR=$(CURDIR)/build/headers/include SECONDS=$(SECONDS) fuzz

check: checkers tree headers ## the static checks alone: style, sparse, warnings, the patch
	@$(RIG)/test.sh check

patch: tree ## write the project as one patch on the base: build/vtd-nested.patch
	@$(RIG)/patch.sh

series: tree ## write the project as patch series, for git am: build/series; CHECK=1 compiles each patch
	@$(RIG)/series.sh
ifeq ($(CHECK),1)
	@$(RIG)/series.sh verify
	@$(RIG)/series.sh compile
endif

htmldocs: checkers tree ## make the project's pages with the kernel's own Sphinx set-up: build/htmldocs
	@$(RIG)/htmldocs.sh

clean: ## remove objects, programs and logs
	rm -rf $(addprefix $(BUILD)/,obj-* user headers* log stage patch initramfs* \
		vtd-nested.patch series* htmldocs* .lock-*)

distclean: ## remove build/ altogether; downloads and ccache stay in ~/.cache/vtd-nested
	rm -rf build

help: ## show this text
	@echo 'Targets:'
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'
	@echo
	@sed -n 's/^## \{0,1\}//p' $(firstword $(MAKEFILE_LIST))
