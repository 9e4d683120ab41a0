#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Makes build/iommufd.cpio.gz: the initramfs, and iommufd's own selftests of the base, static, as their
# own Makefile builds them.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

out=$BUILD/user/iommufd
root=$out/root
tests=(iommufd iommufd_fail_nth)
lock iommufd
rm -rf "$root"
mkdir -p "$root/bin" "$root/tests"

# The programs of 6.12.107 use what was not backported with them. Two of their tests expect it: hw_info of
# a type that was asked for, and addresses that iommufd does not choose there.
compat=() leave_out=()
grep -qw in_data_type "$HEADERS/include/linux/iommufd.h" || compat=(
	-Din_data_type=out_data_type -DIOMMU_HW_INFO_TYPE_DEFAULT=0 -DIOMMU_HW_INFO_FLAG_INPUT_TYPE=1
	-DMOCK_FLAGS_DEVICE_PASID=0 -DMOCK_PASID_WIDTH=0
)
[ ${#compat[@]} = 0 ] || leave_out=(-T get_hw_info -T area_auto_iova)

# A test may take longer than the harness waits for it, if the machine is busy.
cat >"$out/patient.h" <<-END
	#include "$TREE/tools/testing/selftests/kselftest_harness.h"
	#undef TEST_TIMEOUT_DEFAULT
	#define TEST_TIMEOUT_DEFAULT 600
END

make -s -C "$TREE/tools/testing/selftests/iommu" -j"$J" OUTPUT="$out" \
	KHDR_INCLUDES="-isystem $HEADERS/include ${compat[*]} -include $out/patient.h" \
	USERLDFLAGS=-static "${tests[@]/#/$out/}"
cp "${tests[@]/#/$out/}" "$root/bin"

for name in "${tests[@]}"; do
	printf '#!/bin/sh\nexec /bin/%s %s\n' "$name" "${leave_out[*]}" >"$root/tests/$name"
	chmod +x "$root/tests/$name"
done
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -n1) |
	cat "$BUILD/initramfs.cpio.gz" - >"$BUILD/iommufd.cpio.gz"
