#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs selftests of another subsystem, tools/testing/selftests/vfio of the base, with vtd-vm: as their
# own Makefile builds them, on an endpoint that vtd-vm has bound to vfio-pci. Linux 6.12 has none.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# They do no DMA, for which they have drivers of real devices.
tests=(vfio_pci_device_test vfio_iommufd_setup_test vfio_dma_mapping_test)
source=$TREE/tools/testing/selftests/vfio
out=$BUILD/user/vfio

"$RIG/packages.sh" uuid-dev
mkdir -p "$out"
make -s -C "$source" -j"$J" OUTPUT="$out" KHDR_INCLUDES="-isystem $HEADERS/include" \
	"${tests[@]/#/$out/}"

failed=0
for name in "${tests[@]}"; do
	"$BUILD/image/vtd-vm" --accel "$ACCEL" -- "$out/$name" 1000:00:01.0 || {
		echo "$name ended with $?"
		failed=1
	}
done
exit $failed
