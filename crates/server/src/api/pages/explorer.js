// Starts the API explorer. A file of its own, so that the page needs no script in line.
"use strict";
SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#explorer",
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  validatorUrl: null,
  persistAuthorization: false,
});
