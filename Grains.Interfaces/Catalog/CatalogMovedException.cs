namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>A change could not be carried to its end, and whether it became active is not known: read the head, then try again.</summary>
[GenerateSerializer, Alias("sluice.catalog-moved")]
public sealed class CatalogMovedException(string message, Exception? inner) : Exception(message, inner);
