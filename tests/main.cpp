// SPDX-License-Identifier: Apache-2.0
// GoogleTest's main, but with exit status 77 when a test was skipped and none failed: ctest then says "Skipped", not "Passed".
#include <gtest/gtest.h>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int failed = RUN_ALL_TESTS();
  return failed ? failed : testing::UnitTest::GetInstance()->skipped_test_count() > 0 ? 77 : 0;
}
