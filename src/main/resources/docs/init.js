// Relative to the page, not to this script. No validator: it would send the document to somebody else's server.
SwaggerUIBundle({
	url: 'openapi.yaml',
	dom_id: '#swagger-ui',
	deepLinking: true,
	validatorUrl: null
});
