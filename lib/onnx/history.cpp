// SPDX-License-Identifier: Apache-2.0
#include "lib/onnx/history.h"

#include <charconv>
#include <map>

namespace hone {
namespace {

using Variables = std::map<std::string_view, std::string_view>;

std::string_view trim(std::string_view s) {
  const std::size_t start = s.find_first_not_of(" \n");
  return start == std::string_view::npos ? std::string_view() : s.substr(start, s.find_last_not_of(" \n") - start + 1);
}
// Takes what stands before `end` off the text, and `end` too.
std::string_view take(std::string_view& text, std::string_view end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view taken = trim(text.substr(0, at));
  text.remove_prefix(std::min(at + end.size(), text.size()));
  return taken;
}

std::vector<Formal> formals(std::string_view text, const Variables& variables) {
  std::vector<Formal> made;
  while (!text.empty()) {
    std::string_view part = take(text, ",");
    Formal f;
    f.name = take(part, ":");
    if (f.name.ends_with("...")) f.variadic = true, f.name.remove_suffix(3);
    if (f.name.ends_with("?")) f.optional = true, f.name.remove_suffix(1);
    const auto it = variables.find(trim(part));
    f.allowed = dtypes_of(it == variables.end() ? trim(part) : it->second);
    made.push_back(f);
  }
  return made;
}

// The text of one version; what it does not mention is as in the version before.
struct Line {
  std::string_view inputs, outputs, attributes, types;
};
Form form_of(const Line& line, int since) {
  Form form;
  form.since = since;
  Variables variables;
  for (std::string_view types = line.types; !types.empty();) {
    std::string_view part = take(types, ";");
    const std::string_view name = take(part, ":");
    variables.emplace(name, trim(part));
  }
  form.inputs = formals(line.inputs, variables);
  form.outputs = formals(line.outputs, variables);
  for (std::string_view attributes = line.attributes; !attributes.empty();) {
    std::string_view part = take(attributes, ",");
    std::string_view name = take(part, ":");
    const bool required = name.ends_with('!');
    if (required) name.remove_suffix(1);
    form.attributes.push_back({name, required});
  }
  return form;
}

void read_version(std::string_view text, Line& line, std::vector<Form>& forms) {
  int since = 0;
  const std::string_view number = take(text, " ");
  std::from_chars(number.data(), number.data() + number.size(), since);
  text = trim(text);
  if (text == "deprecated") {
    forms.push_back({});
    forms.back().since = since;
    forms.back().deprecated = true;
    return;
  }
  if (text.starts_with('(')) {
    line.inputs = take(text, ") -> (").substr(1);
    line.outputs = take(text, ")");
    text = trim(text);
  }
  if (text.starts_with('<')) {
    line.attributes = take(text, ">").substr(1);
    text = trim(text);
  }
  if (!text.empty()) line.types = text;
  forms.push_back(form_of(line, since));
}

// The table with every version on one line.
std::string unwrapped() {
  std::string text(operator_history.substr(1));
  constexpr std::string_view wrap = "\n      ";
  for (std::size_t at = text.find(wrap); at != std::string::npos; at = text.find(wrap, at)) text.replace(at, wrap.size(), " ");
  return text;
}

std::map<std::string_view, std::vector<Form>> read_history() {
  static const std::string table = unwrapped();
  std::map<std::string_view, std::vector<Form>> history;
  std::vector<Form>* forms = nullptr;
  Line line;
  for (std::string_view text = table; !text.empty();) {
    const std::string_view row = text.substr(0, text.find('\n'));
    text.remove_prefix(row.size() + 1);
    if (row.starts_with(' ')) {
      read_version(trim(row), line, *forms);
    } else {
      forms = &history[row];
      line = {};
    }
  }
  return history;
}

const std::vector<Form>* history_of(std::string_view op) {
  static const auto history = read_history();
  const auto it = history.find(op);
  return it == history.end() ? nullptr : &it->second;
}

const Formal* at(const std::vector<Formal>& formals, std::size_t i) {
  if (i < formals.size()) return &formals[i];
  return !formals.empty() && formals.back().variadic ? &formals.back() : nullptr;
}

}  // namespace

const Formal* Form::input(std::size_t i) const { return at(inputs, i); }
const Formal* Form::output(std::size_t i) const { return at(outputs, i); }
const Form::Parameter* Form::find(std::string_view attribute) const {
  for (const Parameter& p : attributes)
    if (p.name == attribute) return &p;
  return nullptr;
}

const Form* form_at(std::string_view op, int opset) {
  const Form* found = nullptr;
  if (const auto* forms = history_of(op))
    for (const Form& form : *forms)
      if (form.since <= opset) found = &form;
  return found && !found->deprecated ? found : nullptr;
}

int first_opset_of(std::string_view op) {
  const auto* forms = history_of(op);
  return forms ? std::max(forms->front().since, 7) : 0;
}

}  // namespace hone
