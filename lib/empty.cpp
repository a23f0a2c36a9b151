// SPDX-License-Identifier: Apache-2.0
// Stands in for a library that has no source yet.
