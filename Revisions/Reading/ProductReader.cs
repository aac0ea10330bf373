using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Product</c>.</summary>
internal static class ProductReader
{
    public static Resource Read(string name, Fields fields)
    {
        var (models, routes) = (fields.Texts("models"), fields.Texts("routes"));
        if (models.Length + routes.Length == 0 && !fields.Has("models") && !fields.Has("routes"))
        {
            fields.Wrong("models", "a product has at least one of models and routes");
        }

        return new ProductResource(name, models, routes);
    }
}
