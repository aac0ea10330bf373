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

        var access = fields.OneOf<ProductAccess>("access", ProductAccess.Open);
        if (access is ProductAccess.Open && fields.Has("approval"))
        {
            fields.Wrong("approval", "has no effect on an open product, to which nobody subscribes; set access: subscription");
        }

        return new ProductResource(name, models, routes) { Access = access, Approval = fields.OneOf<ProductApproval>("approval", ProductApproval.Manual) };
    }
}
