using Microsoft.Extensions.Options;
using Orders;
using Sluice.Configuration;

// An ordinary service, whose database may move while it runs. SLUICE_ADMIN_URL and SLUICE_ADMIN_KEY say where Sluice is.
var builder = WebApplication.CreateBuilder(args);
builder.Configuration.AddSluice(new SluiceConfigurationOptions
{
    App = "orders",
    Profiles = [builder.Environment.EnvironmentName],
    CacheFile = builder.Configuration["SettingsCache"],
    OnFailure = failure => Console.Error.WriteLine($"settings: {failure.Message} The last good ones stay."),
});
builder.Services.Configure<DatabaseOptions>(builder.Configuration.GetSection("database"));
builder.Services.AddSingleton<OrderStore>();

var app = builder.Build();
app.MapGet("/orders", (OrderStore orders) => orders.List());
app.MapPost("/orders/{item}", (OrderStore orders, string item) => orders.Add(item));
app.MapGet("/database", (IOptionsMonitor<DatabaseOptions> database) => database.CurrentValue.Path);
app.Run();
