// SPDX-License-Identifier: Apache-2.0
// sin, cos, tan and their inverses; those of double are computed in long double. The C library's own double ones come in a variant for
// each CPU, with tables (200 kB of the device binary), whose last bits differ; these are smaller, and the same on every CPU.
#pragma once
#include <cmath>

namespace hone::trigonometry {

inline double sin(double x) { return static_cast<double>(std::sin(static_cast<long double>(x))); }
inline double cos(double x) { return static_cast<double>(std::cos(static_cast<long double>(x))); }
inline double tan(double x) { return static_cast<double>(std::tan(static_cast<long double>(x))); }
inline double asin(double x) { return static_cast<double>(std::asin(static_cast<long double>(x))); }
inline double acos(double x) { return static_cast<double>(std::acos(static_cast<long double>(x))); }
inline double atan(double x) { return static_cast<double>(std::atan(static_cast<long double>(x))); }
inline float sin(float x) { return std::sin(x); }
inline float cos(float x) { return std::cos(x); }
inline float tan(float x) { return std::tan(x); }
inline float asin(float x) { return std::asin(x); }
inline float acos(float x) { return std::acos(x); }
inline float atan(float x) { return std::atan(x); }

}  // namespace hone::trigonometry
