#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs selftests of another subsystem, tools/testing/selftests/vfio of the base, with vtd-vm: as their
# own Makefile builds them, on an endpoint that vtd-vm has bound to vfio-pci. Linux 6.12 has none.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# The last one moves data, with a driver that this project adds. Each of its tests maps 1 GiB, which
# takes seconds here, so it is run with one of the five kinds of containers.
tests=(vfio_pci_device_test vfio_iommufd_setup_test vfio_dma_mapping_test
	"vfio_pci_driver_test -v iommufd")
source=$TREE/tools/testing/selftests/vfio
out=$BUILD/user/vfio

"$RIG/packages.sh" uuid-dev
mkdir -p "$out"
programs=("${tests[@]%% *}")
make -s -C "$source" -j"$J" OUTPUT="$out" KHDR_INCLUDES="-isystem $HEADERS/include" \
	"${programs[@]/#/$out/}"

failed=0
for test in "${tests[@]}"; do
	read -ra arguments <<<"$test"
	"$BUILD/image/vtd-vm" --accel "$ACCEL" -- "$out/${arguments[0]}" "${arguments[@]:1}" 1000:00:01.0 || {
		echo "$test ended with $?"
		failed=1
	}
done
exit $failed
