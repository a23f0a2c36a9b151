// SPDX-License-Identifier: Apache-2.0
// PKCS#11 2.40/3.0 by the C interface of a module that is loaded at run time: nothing is linked.
#include "lib/bundle/host/pkcs11.h"

#include <dlfcn.h>
#include <p11-kit-1/p11-kit/pkcs11.h>
#include <sodium.h>

#include <algorithm>

namespace hone {
namespace {

constexpr const char* any_module = "p11-kit-proxy.so";

std::string_view describe(CK_RV rv) {
  switch (rv) {
    case CKR_PIN_INCORRECT: case CKR_PIN_INVALID: case CKR_PIN_LEN_RANGE: return "wrong PIN";
    case CKR_PIN_LOCKED: return "the PIN is locked after too many wrong ones";
    case CKR_TOKEN_NOT_PRESENT: case CKR_DEVICE_REMOVED: return "the token is gone";
    case CKR_MECHANISM_INVALID: return "the token cannot sign with Ed25519 (CKM_EDDSA)";
    case CKR_USER_NOT_LOGGED_IN: return "the token wants a PIN";
    default: return "failed";
  }
}

Status check(CK_RV rv, std::string_view call) {
  if (rv == CKR_OK) return Ok{};
  const bool pin = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_LOCKED;
  return Error{pin ? Code::untrusted : Code::io, format("{} ({}: 0x{:x})", describe(rv), call, rv)};
}

// A loaded module and a session with one of its tokens; ended when it goes.
class Session {
 public:
  static Result<std::shared_ptr<Session>> open(const TokenUri& uri);
  ~Session() {
    if (session_ != CK_INVALID_HANDLE) f_->C_CloseSession(session_);
    if (initialized_) f_->C_Finalize(nullptr);
    if (library_) ::dlclose(library_);
  }
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Status login(const AskPin&);
  Result<std::vector<CK_OBJECT_HANDLE>> find(CK_OBJECT_CLASS, const std::optional<std::string>& label, const std::optional<std::string>& id);
  Result<std::string> attribute(CK_OBJECT_HANDLE, CK_ATTRIBUTE_TYPE);
  Result<std::array<unsigned char, 64>> sign(CK_OBJECT_HANDLE, std::span<const unsigned char>);
  bool wants_login() const { return (flags_ & CKF_LOGIN_REQUIRED) != 0; }

 private:
  Status load(const std::string& path);
  Result<CK_SLOT_ID> slot_of(const TokenUri&);
  void* library_ = nullptr;
  CK_FUNCTION_LIST* f_ = nullptr;
  bool initialized_ = false;
  CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
  CK_FLAGS flags_ = 0;
  std::string label_;
};

Status Session::load(const std::string& path) {
  library_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library_) return io_error("no PKCS#11 module: {}; name one with ?module-path=FILE", ::dlerror());
  CK_RV (*list)(CK_FUNCTION_LIST**) = nullptr;
  void* const symbol = ::dlsym(library_, "C_GetFunctionList");
  static_assert(sizeof list == sizeof symbol);
  std::memcpy(&list, &symbol, sizeof list);
  if (!list) return io_error("{}: is no PKCS#11 module", path);
  CHECK_OK(check(list(&f_), "C_GetFunctionList").in(path));
  const CK_RV rv = f_->C_Initialize(nullptr);
  if (rv == CKR_CRYPTOKI_ALREADY_INITIALIZED) return Ok{};
  CHECK_OK(check(rv, "C_Initialize").in(path));
  initialized_ = true;
  return Ok{};
}

// Labels are padded with blanks.
std::string trimmed(const unsigned char* text, std::size_t size) {
  std::string_view view(reinterpret_cast<const char*>(text), size);
  return std::string(view.substr(0, view.find_last_not_of(std::string_view(" \0", 2)) + 1));
}

Result<CK_SLOT_ID> Session::slot_of(const TokenUri& uri) {
  CK_ULONG count = 0;
  CHECK_OK(check(f_->C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList"));
  std::vector<CK_SLOT_ID> slots(count);
  CHECK_OK(check(f_->C_GetSlotList(CK_TRUE, slots.data(), &count), "C_GetSlotList"));
  slots.resize(std::min<std::size_t>(count, slots.size()));
  std::optional<CK_SLOT_ID> found;
  std::string seen;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if (f_->C_GetTokenInfo(slot, &info) != CKR_OK) continue;
    const std::string label = trimmed(info.label, sizeof info.label);
    seen += format("{}'{}'", seen.empty() ? "" : ", ", label);
    const auto fits = [](const std::optional<std::string>& wanted, const std::string& has) { return !wanted || *wanted == has; };
    if (!fits(uri.token, label) || !fits(uri.serial, trimmed(info.serialNumber, sizeof info.serialNumber)) || !fits(uri.model, trimmed(info.model, sizeof info.model)) ||
        !fits(uri.manufacturer, trimmed(info.manufacturerID, sizeof info.manufacturerID)))
      continue;
    if (found) return invalid("several tokens fit; name one with token= or serial= (there are {})", seen);
    found = slot;
    flags_ = info.flags;
    label_ = label;
  }
  if (!found) return invalid("no such token; there are {}", seen.empty() ? "none" : seen);
  return *found;
}

Result<std::shared_ptr<Session>> Session::open(const TokenUri& uri) {
  auto made = std::make_shared<Session>();
  CHECK_OK(made->load(uri.module_path.empty() ? any_module : uri.module_path));
  TRY(const CK_SLOT_ID slot, made->slot_of(uri));
  CHECK_OK(check(made->f_->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &made->session_), "C_OpenSession"));
  return made;
}

Status Session::login(const AskPin& ask) {
  if (flags_ & CKF_PROTECTED_AUTHENTICATION_PATH) {  // the token has keys of its own to type the PIN on
    const CK_RV rv = f_->C_Login(session_, CKU_USER, nullptr, 0);
    return rv == CKR_USER_ALREADY_LOGGED_IN ? Status(Ok{}) : check(rv, "C_Login");
  }
  TRY(std::string pin, ask(label_));
  const CK_RV rv = f_->C_Login(session_, CKU_USER, reinterpret_cast<unsigned char*>(pin.data()), pin.size());
  sodium_memzero(pin.data(), pin.size());
  return rv == CKR_USER_ALREADY_LOGGED_IN ? Status(Ok{}) : check(rv, "C_Login");
}

Result<std::vector<CK_OBJECT_HANDLE>> Session::find(CK_OBJECT_CLASS kind, const std::optional<std::string>& label, const std::optional<std::string>& id) {
  CK_KEY_TYPE type = CKK_EC_EDWARDS;
  std::vector<CK_ATTRIBUTE> wanted{{CKA_CLASS, &kind, sizeof kind}, {CKA_KEY_TYPE, &type, sizeof type}};
  if (label) wanted.push_back({CKA_LABEL, const_cast<char*>(label->data()), label->size()});
  if (id) wanted.push_back({CKA_ID, const_cast<char*>(id->data()), id->size()});
  CHECK_OK(check(f_->C_FindObjectsInit(session_, wanted.data(), wanted.size()), "C_FindObjectsInit"));
  std::vector<CK_OBJECT_HANDLE> found(16);
  CK_ULONG count = 0;
  const CK_RV rv = f_->C_FindObjects(session_, found.data(), found.size(), &count);
  f_->C_FindObjectsFinal(session_);
  CHECK_OK(check(rv, "C_FindObjects"));
  found.resize(std::min<std::size_t>(count, found.size()));
  return found;
}

Result<std::string> Session::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE attribute{type, nullptr, 0};
  CHECK_OK(check(f_->C_GetAttributeValue(session_, object, &attribute, 1), "C_GetAttributeValue"));
  if (attribute.ulValueLen > 4096) return invalid("the token gives an attribute of {} bytes", attribute.ulValueLen);
  std::string value(attribute.ulValueLen, '\0');
  attribute.pValue = value.data();
  CHECK_OK(check(f_->C_GetAttributeValue(session_, object, &attribute, 1), "C_GetAttributeValue"));
  return value;
}

Result<std::array<unsigned char, 64>> Session::sign(CK_OBJECT_HANDLE key, std::span<const unsigned char> bytes) {
  CK_MECHANISM mechanism{CKM_EDDSA, nullptr, 0};
  CHECK_OK(check(f_->C_SignInit(session_, &mechanism, key), "C_SignInit"));
  std::array<unsigned char, 64> signature{};
  CK_ULONG length = signature.size();
  CHECK_OK(check(f_->C_Sign(session_, const_cast<unsigned char*>(bytes.data()), bytes.size(), signature.data(), &length), "C_Sign"));
  if (length != signature.size()) return invalid("the token gave a signature of {} bytes", length);
  return signature;
}

// CKA_EC_POINT is the point in a DER OCTET STRING, or BIT STRING; some modules give it bare.
Result<PublicKey> public_key_of(const std::string& point) {
  std::string_view raw = point;
  if (raw.size() == 34 && raw.substr(0, 2) == "\x04\x20") raw.remove_prefix(2);
  else if (raw.size() == 35 && raw.substr(0, 3) == std::string_view("\x03\x21\0", 3)) raw.remove_prefix(3);
  if (raw.size() != 32) return invalid("the key on the token is not an Ed25519 key");
  PublicKey key;
  std::copy_n(raw.begin(), 32, reinterpret_cast<char*>(key.key.data()));
  key.id = derived_key_id(key.key);
  return key;
}

Result<CK_OBJECT_HANDLE> only(const std::vector<CK_OBJECT_HANDLE>& found, std::string_view kind) {
  if (found.empty()) return invalid("no Ed25519 {} key of that name on the token", kind);
  if (found.size() > 1) return invalid("several Ed25519 {} keys fit; name one with object= or id=", kind);
  return found[0];
}

}  // namespace

KeyId derived_key_id(std::span<const unsigned char, 32> public_key) {
  std::array<unsigned char, 64> hash;
  crypto_generichash(hash.data(), hash.size(), public_key.data(), public_key.size(), nullptr, 0);
  KeyId id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

Result<Signer> open_token_key(const TokenUri& uri, const AskPin& ask, bool private_half) {
  TRY(const auto session, Session::open(uri).in("pkcs11"));
  const auto public_half = [&](const std::optional<std::string>& label, const std::optional<std::string>& id) -> Result<PublicKey> {
    TRY(const auto found, session->find(CKO_PUBLIC_KEY, label, id));
    TRY(const CK_OBJECT_HANDLE object, only(found, "public"));
    TRY(const std::string point, session->attribute(object, CKA_EC_POINT));
    return public_key_of(point);
  };
  if (!private_half) {
    if (auto key = public_half(uri.object, uri.id)) return Signer{*key, {}};
  }
  if (session->wants_login()) CHECK_OK(session->login(ask).in("pkcs11"));
  TRY(const auto found, session->find(CKO_PRIVATE_KEY, uri.object, uri.id).in("pkcs11"));
  TRY(const CK_OBJECT_HANDLE secret, only(found, "private").in("pkcs11"));
  // The public half has the same CKA_ID; without one, the same label.
  TRY(const std::string id, session->attribute(secret, CKA_ID).in("pkcs11"));
  TRY(const PublicKey key, public_half(id.empty() ? uri.object : std::nullopt, id.empty() ? std::nullopt : std::optional(id)).in("pkcs11"));
  return Signer{key, [session, secret](std::span<const unsigned char> bytes) { return session->sign(secret, bytes).in("pkcs11"); }};
}

}  // namespace hone
