using System.Text.Json.Serialization;

namespace Sluice.Revisions.Schemas;

/// <summary>Tells the library of schemas how the keywords that are added to it are read.</summary>
[JsonSerializable(typeof(LinearPatternKeyword))]
[JsonSerializable(typeof(FewUniqueItemsKeyword))]
internal sealed partial class KeywordContext : JsonSerializerContext;
