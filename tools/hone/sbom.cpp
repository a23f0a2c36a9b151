// SPDX-License-Identifier: Apache-2.0
// hone sbom: Hone and the libraries in it, with versions and licences, as SPDX 2.3. Versions are asked of the libraries themselves: of those that
// are linked at run time, of the headers for those that are compiled in.
#include "tools/hone/sbom.h"

#include <flatbuffers/base.h>
#include <gnu/libc-version.h>
#include <google/protobuf/stubs/common.h>
#include <onnx/common/version.h>
#include <openjpeg-2.5/openjpeg.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <spng.h>
#include <tiffio.h>
#include <toml++/toml.h>
#include <webp/decode.h>
#include <zip.h>
#include <zlib.h>
#include <zstd.h>

#include <Eigen/Core>
#include <cstdio>

#include <jpeglib.h>  // after cstdio, whose FILE it uses

#include "lib/base/format.h"
#include "lib/base/hash.h"
#include "tools/cli/command.h"
#include "lib/base/times.h"

namespace hone {
namespace {

#define HONE_TEXT_(x) #x
#define HONE_TEXT(x) HONE_TEXT_(x)

struct Component {
  std::string_view name, licence;
  std::string version;
  bool compiled_in = false;  // headers only: part of the program whatever is installed where it runs
  bool device = false;       // in hone-target too
};

std::string three(int major, int minor, int patch) { return format("{}.{}.{}", major, minor, patch); }

std::vector<Component> components() {
  const int webp = WebPGetDecoderVersion();
  std::string tiff = TIFFGetVersion();  // "LIBTIFF, Version 4.5.0\nCopyright ..."
  tiff = tiff.substr(0, tiff.find('\n'));
  tiff = tiff.substr(tiff.rfind(' ') + 1);
  return {{"eigen", "MPL-2.0", three(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION), true},
          {"flatbuffers", "Apache-2.0", three(FLATBUFFERS_VERSION_MAJOR, FLATBUFFERS_VERSION_MINOR, FLATBUFFERS_VERSION_REVISION), true, true},
          {"fmt", "MIT", three(FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100), true, true},
          {"glibc", "LGPL-2.1-or-later", gnu_get_libc_version(), false, true},
          {"libgcc", "GPL-3.0-or-later WITH GCC-exception-3.1", fmt::to_string(_GLIBCXX_RELEASE), false, true},
          {"libjpeg-turbo", "IJG AND BSD-3-Clause AND Zlib", HONE_TEXT(LIBJPEG_TURBO_VERSION)},
          {"libsodium", "ISC", sodium_version_string(), false, true},
          {"libspng", "BSD-2-Clause", spng_version_string()},
          {"libstdc++", "GPL-3.0-or-later WITH GCC-exception-3.1", fmt::to_string(_GLIBCXX_RELEASE), false, true},
          {"libtiff", "libtiff", tiff},
          {"libwebp", "BSD-3-Clause", three(webp >> 16, webp >> 8 & 255, webp & 255)},
          {"libzip", "BSD-3-Clause", zip_libzip_version()},
          {"nlohmann-json", "MIT", three(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH), true, true},
          {"onnx", "Apache-2.0", ONNX_NAMESPACE::LAST_RELEASE_VERSION},
          {"openjpeg", "BSD-2-Clause", opj_version()},
          {"openssl", "Apache-2.0", OpenSSL_version(OPENSSL_VERSION_STRING), false, true},  // its SHA-256
          {"protobuf", "BSD-3-Clause", google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION)},
          {"re2", "BSD-3-Clause", HONE_RE2_VERSION},
          {"tomlplusplus", "MIT", three(TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH)},
          {"zlib", "Zlib", zlibVersion()},
          {"zstd", "BSD-3-Clause", ZSTD_versionString(), false, true}};
}

std::string id(std::string_view name) {
  std::string text = "SPDXRef-";
  for (const char c : name) text += c == '+' ? '.' : c;  // letters, digits, '.' and '-' only
  return text;
}

// A package URL writes a plus sign as %2B.
std::string purl(std::string_view name, std::string_view version) {
  std::string text = "pkg:generic/";
  for (const char c : format("{}@{}", name, version)) text += c == '+' ? "%2B" : std::string(1, c);
  return text;
}

Json package(std::string_view name, std::string_view version, std::string_view licence) {
  return {{"SPDXID", id(name)},
          {"name", name},
          {"versionInfo", version},
          {"supplier", "NOASSERTION"},
          {"downloadLocation", "NOASSERTION"},
          {"filesAnalyzed", false},
          {"licenseConcluded", "NOASSERTION"},
          {"licenseDeclared", licence},
          {"copyrightText", "NOASSERTION"},
          {"externalRefs", Json::array({{{"referenceCategory", "PACKAGE-MANAGER"}, {"referenceType", "purl"}, {"referenceLocator", purl(name, version)}}})}};
}

Json relation(std::string_view from, std::string_view kind, std::string_view to) {
  return {{"spdxElementId", id(from)}, {"relationshipType", kind}, {"relatedSpdxElement", id(to)}};
}

}  // namespace

std::string print_sbom(std::uint64_t created) {
  Json packages = Json::array(), relations = Json::array();
  for (const std::string_view program : {"hone", "hone-target"}) {
    packages.push_back(package(program, hone_version(), "Apache-2.0"));
    packages.back()["sourceInfo"] = format("git revision {}", hone_revision());
    relations.push_back(relation("DOCUMENT", "DESCRIBES", program));
  }
  for (const Component& c : components()) {
    packages.push_back(package(c.name, c.version, c.licence));
    relations.push_back(relation("hone", c.compiled_in ? "STATIC_LINK" : "DYNAMIC_LINK", c.name));
    if (c.device) relations.push_back(relation("hone-target", "STATIC_LINK", c.name));
  }
  const Digest content = sha256(as_bytes(packages.dump()));
  const Json document{{"spdxVersion", "SPDX-2.3"},
                      {"dataLicense", "CC0-1.0"},
                      {"SPDXID", "SPDXRef-DOCUMENT"},
                      {"name", format("hone-{}", hone_version())},
                      {"documentNamespace", format("https://spdx.org/spdxdocs/hone-{}-{}", hone_version(), to_hex(content))},
                      {"creationInfo", {{"created", print_time(std::min(created, UINT64_C(253402300799)))}, {"creators", Json::array({format("Tool: hone-{}", hone_version())})}}},
                      {"packages", std::move(packages)},
                      {"relationships", std::move(relations)}};
  return document.dump(1) + "\n";
}

static Result<int> run(const Args& args) {
  TRY(const std::uint64_t created, source_date());
  const std::string text = print_sbom(created);
  if (args.has("output")) {
    CHECK_OK(args.write(as_bytes(text)));
  } else {
    args.console().say("{}", std::string_view(text).substr(0, text.size() - 1));
  }
  TRY(Json document, parse_json(text));
  Json json{{"schema", "hone/sbom/1"}};
  json.update(document);
  CHECK_OK(args.console().json(json));
  return 0;
}

extern const Command sbom_command{
    .name = "sbom",
    .usage = "[-o FILE]",
    .help = "print what Hone is made of: libraries, versions and licences, as SPDX 2.3 JSON\nThe time in it is SOURCE_DATE_EPOCH, else 1970. Every bundle carries the same list as 'sbom.spdx.json'.",
    .run = run};

}  // namespace hone
