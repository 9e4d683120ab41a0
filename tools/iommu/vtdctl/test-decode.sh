#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: test-decode.sh VTDCTL
# Tests vtdctl decode. What is expected was worked out by hand from the VT-d specification.
set -euo pipefail

vtdctl=$1 failed=0 tests=0 output=""

fail() {
	echo "not ok: $1"
	failed=1
}

# decode ARGUMENT...: what the next lines are about.
decode() {
	tests=$((tests + 1))
	output=$(COLUMNS=0 "$vtdctl" decode "$@") || fail "decode $*: exit status $?"
	what=$*
}

# has LINE...: the output has these lines, whatever blanks are between their words.
has() {
	local line
	for line; do
		tr -s ' ' <<<"$output" | sed 's/ $//' | grep -qxF -- "$line" ||
			fail "decode $what: no line '$line' in:
$output"
	done
}

hasnt() {
	! grep -q -- "$1" <<<"$output" || fail "decode $what: '$1' in: $output"
}

# status EXPECTED ARGUMENT...: the exit status, and nothing but a message on stderr if it is not 0.
status() {
	local expected=$1 got=0 out
	shift
	tests=$((tests + 1))
	out=$("$vtdctl" "$@" 2>/dev/null) || got=$?
	[ "$got" = "$expected" ] || fail "vtdctl $*: exit status $got, not $expected"
	[ "$got" = 0 ] || [ -z "$out" ] || fail "vtdctl $*: output in spite of an error"
}

# bits WHAT FIELD...: each bit of a register alone, from bit 0 on, shows in its FIELD; "-" is for
# reserved bits.
bits() {
	local what=$1 bit=0 field got
	shift
	tests=$((tests + 1))
	for field; do
		[ "$field" != - ] || field=reserved
		got=$("$vtdctl" decode "$what" "$(printf '%x' $((1 << bit)))" | awk 'NR > 2 && $3 != "0" { print $1 }')
		[ "$got" = "$field" ] || fail "$what bit $bit is in '$got', not in $field"
		bit=$((bit + 1))
	done
	[ "$bit" = 64 ] || fail "$what: $bit bits in the test"
}

# times N WORD: WORD, N times.
times() {
	local i
	for ((i = 0; i < $1; i++)); do echo "$2"; done
}

# Figure of 11.4.2, from the lowest bit on.
mapfile -t fields < <(times 3 ND; echo AFL; echo RWBF; echo PLMR; echo PHMR; echo CM; times 5 SAGAW
	times 3 -; times 6 MGAW; echo ZLR; echo -; times 10 FRO; times 4 SSLPS; echo -; echo PSI
	times 8 NFR; times 6 MAMV; echo DWD; echo DRD; echo FS1GP; times 2 -; echo PI; echo FS5LP
	echo ECMDS; echo ESIRTPS; echo ESRTPS)
bits cap "${fields[@]}"

# Figure of 11.4.3.
mapfile -t fields < <(echo C; echo QI; echo DT; echo IR; echo EIM; echo -; echo PT; echo SC
	times 10 IRO; times 2 -; times 4 MHMV; echo -; echo MTS; echo NEST; times 2 -; echo PRS; echo ERS
	echo SRS; echo -; echo NWFS; echo EAFS; times 5 PSS; echo PASID; echo DIT; echo PDS; echo SMTS
	echo VCS; echo SSADS; echo SSTS; echo FSTS; echo SMPWCS; echo RPS; echo TDXC; echo PMS
	echo ADMS; echo RPRIVS; times 10 -)
bits ecap "${fields[@]}"

# A unit of a client: 256 domains, 39 bits, 4 levels, fault records at 0x400, 2^18 pages at once.
decode cap "DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap d2008c40660462 ecap f050da"
has "Capability Register (VT-d 11.4.2)" \
	"ND 2:0 2 256 domain ids" \
	"CM 7 0 (no) caching mode: not-present entries may be cached" \
	"SAGAW 12:8 4 second-stage tables of 4 levels (48 bits)" \
	"MGAW 21:16 0x26 addresses of up to 39 bits" \
	"FRO 33:24 0x40 fault records at register offset 0x400" \
	"SSLPS 37:34 3 second-stage pages of 4 KiB, 2 MiB, 1 GiB" \
	"MAMV 53:48 0x12 one IOTLB invalidation takes up to 2^18 pages" \
	"DRD 55 1 IOTLB invalidations drain DMA reads"
hasnt reserved
decode ecap "DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap d2008c40660462 ecap f050da"
has "DT 2 0 (no) device TLBs" "PT 6 1 pass-through" \
	"IRO 17:8 0x50 IOTLB registers at register offset 0x500" \
	"MHMV 23:20 0xf one interrupt-entry invalidation takes up to 2^15 entries"

# Nested: P, AW 2 (48 bits), PGTT 3, second stage at 0x104233000; domain 7, PWSNP; first stage of
# 5 levels at the guest's 0x14000a000, WPE.
decode pasid-entry 0x1042330c9 0x800007 0x14000a014 0 0 0 0 0
has "nested: first stage of 5 levels at 0x14000a000, second stage of 48 bits at 0x104233000, domain id 7" \
	"AW 4:2 2 48 bits, 4 levels" "PGTT 8:6 3 nested" "DID 79:64 7 domain id 7" \
	"PWSNP 87 1 page walks snoop CPU caches" "FSPM 131:130 1 5 levels" \
	"WPE 132 1 supervisor writes obey read-only pages" \
	"FSPTPTR 191:140 0x14000a 0x14000a000"
hasnt reserved
# The same, as debugfs prints it: the highest word first.
decode pasid-entry 0x000000014000a014:0x0000000000800007:0x00000001042330c9
has "nested: first stage of 5 levels at 0x14000a000, second stage of 48 bits at 0x104233000, domain id 7"
decode pasid-entry 0
has "not present"
# Bits 5 and 11:10 are reserved, and so is all of the last five words.
decode pasid-entry 0xc21 0 0 1 0 0 0 8000000000000000
has "reserved 63:0 0xc20 bits that should be 0, or that are newer than this program" \
	"reserved 255:192 0x1 bits that should be 0, or that are newer than this program" \
	"reserved 511:448 0x8000000000000000 bits that should be 0, or that are newer than this program"

# P, DTE, PASIDE, PDTS 7; RID_PASID 0.
decode context-entry "context entry: hi 0x0000000000000000, low 0x0000000101234e0d"
has "DTE 2 1 the device TLB may ask for translations" "PRE 4 0 (no) page requests are allowed" \
	"PDTS 11:9 7 PASID directory of 16384 entries, PASIDs of 20 bits" \
	"PASIDDIRPTR 63:12 0x101234 0x101234000"
output=$("$vtdctl" --legacy decode context-entry 0x5001 0x0502) what="--legacy context-entry"
has "SSPTPTR 63:12 5 0x5000" "AW 66:64 2 48 bits, 4 levels" "DID 87:72 5 domain id 5"

# One of each type.
decode descriptor 0x0003010000070031 0
has "Context-Cache Invalidate Descriptor (VT-d 6.5.2.1)" "G 5:4 3 of a device" "DID 31:16 7 7" \
	"SID 47:32 0x100 01:00.0" "FM 49:48 3 all functions of the device"
decode descriptor 0x00050000000700f2 0x7f0000200042
has "reserved 63:0 0x5000000000000 bits that should be 0, or that are newer than this program"
decode descriptor 0x000700f2 0x7f0000200042
has "4 pages from 0x7f0000200000, domain id 7" "DW 6 1 DMA writes are drained" \
	"IH 70 1 only leaf entries have changed"
# Bits 52 and 53 are the lowest of PFSID's upper twelve, which begin with its bit 4.
decode descriptor 0x0030010000052003 0x1
has "2 pages from 0, device 01:00.0" "PFSID 63:52,15:12 0x32 00:06.2" \
	"MIP 20:16 5 at most 5 invalidations of the device at a time"
decode descriptor "DMAR: QI HEAD: Device-TLB Invalidation qw0 = 0x10000000003, qw1 = 0x7ffffffffffff001"
has "all pages, device 01:00.0"
decode descriptor 0x000a000010000014
has "Interrupt Entry Cache Invalidate Descriptor (VT-d 6.5.2)" "G 4 1 by index" "IM 31:27 2 2"
hasnt "^ADDR"
decode descriptor 0x0000000200000065 0x104000080
has "FN 6 1 fence: what follows begins after this" "STATUS_DATA 63:32 2 2" \
	"STATUS_ADDR 127:66 0x41000020 0x104000080"
decode descriptor 0x0000000300010036 0x7f0000200002
has "4 pages from 0x7f0000200000, PASID 3, domain id 1" "G 5:4 3 pages of a PASID"
decode descriptor 0x0000000300010026 0
has "all pages, PASID 3, domain id 1"
decode descriptor 0x0000000300010017 0
has "PASID-Cache Invalidate Descriptor (VT-d 6.5.2.2)" "G 5:4 1 of a PASID" "PASID 51:32 3 3"
# S is bit 11, and 15:12 of the address are 0111: 16 pages.
decode descriptor 0x0000000301080008 0x7f0000007800
has "16 pages from 0x7f0000000000, PASID 3, device 01:01.0"
decode descriptor 0x0000000301080019 0x28
has "PP 4 1 PASID counts" "RID 31:16 0x108 01:01.0" "PRGI 75:67 5 5" "RC 15:12 0 success"
# The upper three bits of the type are bits 11:9.
decode descriptor 0x206
has "Descriptor of an unknown type (VT-d 6.5.2)" "TYPE 11:9,3:0 0x16 reserved"

decode fault-reason '[DMA Read NO_PASID] Request device [00:02.0] fault addr 0x7f00 [fault reason 0x71] SM'
has "Fault reason 0x71, SFS.2: first-stage entry: not present"
decode fault-reason 6
has "Fault reason 0x6, LGN.3: legacy mode: read of a page that is not readable"
decode fault-reason 0x59
has "Fault reason 0x59, SPT.2: PASID-table entry: not present"
decode fault-reason 22
has "Fault reason 0x22: interrupt remapping: entry is not present"

# Lines end where the terminal does.
tests=$((tests + 1))
COLUMNS=60 "$vtdctl" decode cap 0 | awk 'length > 60 { exit 1 }' || fail "lines longer than the terminal"

# JSON that others can read; the values are what the table has.
tests=$((tests + 1))
"$vtdctl" --json decode pasid-entry 0x1042330c9 0x800007 0x14000a014 | python3 -c '
import json, sys
entry = json.load(sys.stdin)
assert entry["words"] == ["0x1042330c9", "0x800007", "0x14000a014"], entry
fields = {name: int(field["value"], 16) for name, field in entry["fields"].items()}
assert fields["SSPTPTR"] == 0x104233 and fields["DID"] == 7 and fields["FSPM"] == 1, fields
assert entry["reserved"] == ["0x0", "0x0", "0x0"], entry
' || fail "JSON of a PASID-table entry"
tests=$((tests + 1))
"$vtdctl" -j decode fault-reason 0x79 | python3 -c '
import json, sys
assert json.load(sys.stdin)["name"] == "SSS.2"
' || fail "JSON of a fault reason"

status 0 --help
status 1 decode fault-reason 0xff
status 2
status 2 frobnicate
status 2 decode
status 2 decode gcmd 0
status 2 decode cap
status 2 decode cap zz
status 2 decode cap 10000000000000000
status 2 decode cap 1 2
status 2 decode fault-reason 1 2
status 2 --no-such-option

[ "$failed" = 0 ] && echo "$tests tests of vtdctl decode passed"
