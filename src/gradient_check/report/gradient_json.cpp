#include "gradient_check/report/gradient_json.h"

#include "gradient_check/report/json_fields.h"

namespace gradient_check {
namespace {

using GradientJson = nlohmann::ordered_json;

GradientJson certificate_to_json(const Certificate& certificate) {
  GradientJson json{{"kind", certificate.kind}, {"elements", certificate.elements}};
  if (certificate.directions > 0) json["directions"] = certificate.directions;
  put_number(json, "relative_error_bound", certificate.relative_error_bound);
  put_number(json, "confidence", certificate.confidence);
  put_number(json, "distance", certificate.distance);
  return json;
}

Certificate certificate_from_json(const GradientJson& json) {
  return {json.at("kind"),
          whole(json.at("elements")),
          json.contains("directions") ? std::int64_t{whole(json.at("directions"))} : 0,
          get_number(json, "relative_error_bound"),
          get_number(json, "confidence"),
          get_number(json, "distance")};
}

GradientJson or_null(const std::optional<double>& value) {
  return value ? number_to_json(*value) : GradientJson(nullptr);
}

std::optional<double> unless_null(const GradientJson& json) {
  if (json.is_null()) return std::nullopt;
  return number_from_json(json);
}

/// An element is an array, for there are many; `columns` names its places.
GradientJson plot_to_json(const GradientPlot& plot) {
  GradientJson json{{"columns",
                     {"element", "autograd", "manual", "manual - autograd",
                      "finite_difference - autograd", "finite_difference_error", "state"}},
                    {"sample", GradientJson::array()}};
  for (const SampledElement& element : plot.sample)
    json["sample"].push_back(GradientJson::array(
        {element.element, number_to_json(element.autograd), or_null(element.manual),
         or_null(element.manual_difference), or_null(element.finite_difference_difference),
         or_null(element.finite_difference_error), static_cast<int>(element.state)}));
  if (!plot.error_map) return json;
  GradientJson cells = GradientJson::array();
  for (const double cell : plot.error_map->cells) cells.push_back(number_to_json(cell));
  json["error_map"] = {{"row_step", plot.error_map->row_step},
                       {"column_step", plot.error_map->column_step},
                       {"columns", plot.error_map->columns},
                       {"cells", std::move(cells)}};
  return json;
}

GradientPlot plot_from_json(const GradientJson& json) {
  GradientPlot plot;
  for (const GradientJson& entry : json.at("sample")) {
    const int state = whole(entry.at(6));
    if (state < 0 || state > static_cast<int>(SampledElement::State::kink))
      throw std::invalid_argument("unknown state of an element in a report");
    plot.sample.push_back({whole(entry.at(0)), number_from_json(entry.at(1)),
                           unless_null(entry.at(2)), unless_null(entry.at(3)),
                           unless_null(entry.at(4)), unless_null(entry.at(5)),
                           static_cast<SampledElement::State>(state)});
  }
  if (!json.contains("error_map")) return plot;
  const GradientJson& map = json.at("error_map");
  plot.error_map = ErrorMap{
      whole(map.at("row_step")), whole(map.at("column_step")), whole(map.at("columns")), {}};
  for (const GradientJson& cell : map.at("cells"))
    plot.error_map->cells.push_back(number_from_json(cell));
  return plot;
}

}  // namespace

GradientJson gradient_to_json(const GradientResult& gradient) {
  GradientJson json{{"name", gradient.name},
                    {"shape", gradient.shape},
                    {"verdict", to_string(gradient.verdict)},
                    {"wrong", to_string(gradient.wrong)},
                    {"max_abs_error", number_to_json(gradient.max_abs_error)},
                    {"max_rel_error", number_to_json(gradient.max_rel_error)},
                    {"mismatched", gradient.mismatched},
                    {"elements", gradient.elements}};
  if (gradient.is_complex) json["complex"] = true;
  if (gradient.worst) {
    GradientJson worst{{"index", gradient.worst->index}};
    put_number(worst, "manual", gradient.worst->manual);
    put_number(worst, "autograd", gradient.worst->autograd);
    put_number(worst, "finite_difference", gradient.worst->finite_difference);
    put_number(worst, "finite_difference_error", gradient.worst->finite_difference_error);
    json["worst"] = std::move(worst);
  }
  json["certificate"] = certificate_to_json(gradient.certificate);
  if (gradient.plot) json["plot"] = plot_to_json(*gradient.plot);
  return json;
}

GradientResult gradient_from_json(const GradientJson& json) {
  GradientResult gradient;
  gradient.name = json.at("name");
  gradient.shape = whole_numbers(json.at("shape"));
  gradient.verdict = from_name(json.at("verdict"), TensorVerdict::missing);
  gradient.wrong = from_name(json.at("wrong"), Wrong::unknown);
  gradient.max_abs_error = number_from_json(json.at("max_abs_error"));
  gradient.max_rel_error = number_from_json(json.at("max_rel_error"));
  gradient.mismatched = whole(json.at("mismatched"));
  gradient.elements = whole(json.at("elements"));
  gradient.is_complex = json.value("complex", false);
  if (json.contains("worst")) {
    const GradientJson& worst = json.at("worst");
    gradient.worst =
        ElementValues{whole_numbers(worst.at("index")), get_number(worst, "manual"),
                      get_number(worst, "autograd"), get_number(worst, "finite_difference"),
                      get_number(worst, "finite_difference_error")};
  }
  gradient.certificate = certificate_from_json(json.at("certificate"));
  if (json.contains("plot")) gradient.plot = plot_from_json(json.at("plot"));
  return gradient;
}

}  // namespace gradient_check
